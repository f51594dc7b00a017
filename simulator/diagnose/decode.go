package diagnose

import (
	"errors"
	"io/fs"
	"path"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// The types of this file are the data as it is written; see data/README.md.

type codesFile struct {
	Codes []codeData `yaml:"codes" json:"codes,omitzero"`
}

type codeData struct {
	Code  string    `yaml:"code" json:"code,omitzero"`
	Title lang.Text `yaml:"title" json:"title,omitzero"`
	Cause lang.Text `yaml:"cause" json:"cause,omitzero"`
	Check lang.Text `yaml:"check" json:"check,omitzero"`
	Hint  lang.Text `yaml:"hint" json:"hint,omitzero"`
	Fixes []fixData `yaml:"fixes" json:"fixes,omitzero"`
	// GeneralFirst keeps the general fixes on top even when the framework is
	// known: the URL is at fault more often than the server.
	GeneralFirst bool `yaml:"general_first" json:"general_first,omitzero"`
	// General codes say at which step it went wrong, not why: they come of many
	// causes, and who knows more about the event knows better.
	General bool `yaml:"general" json:"general,omitzero"`
	// Borrow names codes whose framework fixes are shown here too.
	Borrow []string `yaml:"borrow" json:"borrow,omitzero"`
}

type fixData struct {
	For      lang.Text `yaml:"for" json:"for,omitzero"`
	Versions string    `yaml:"versions" json:"versions,omitzero"`
	File     string    `yaml:"file" json:"file,omitzero"`
	Code     string    `yaml:"code" json:"code,omitzero"`
	Text     lang.Text `yaml:"text" json:"text,omitzero"`
}

// rulesFile is a file of data/receivers (then Receiver is set) or of
// data/general.
type rulesFile struct {
	Receiver string `yaml:"receiver" json:"receiver,omitzero"`
	// Source is what the file was made from: answers of the real thing, or its
	// public documentation.
	Source string     `yaml:"source" json:"-"`
	Signs  []whenData `yaml:"signs" json:"signs,omitzero"`
	// Weak receivers stand in front of or below others (nginx, PHP), so that
	// their signs say little about who answered; they come last.
	Weak  bool       `yaml:"weak" json:"weak,omitzero"`
	Login *loginData `yaml:"login" json:"login,omitzero"`
	// Tokens say how the token of a CSRF protection is told in cookies and forms.
	Tokens *tokensData          `yaml:"tokens" json:"tokens,omitzero"`
	Rules  []ruleData           `yaml:"rules" json:"rules,omitzero"`
	Fixes  map[string][]fixData `yaml:"fixes" json:"fixes,omitzero"`
}

type loginData struct {
	Path string `yaml:"path" json:"path,omitzero"`
	Host string `yaml:"host" json:"host,omitzero"`
	// Back is the name of a query parameter that says where to go after the login.
	Back string `yaml:"back" json:"back,omitzero"`
}

type tokensData struct {
	Cookie string `yaml:"cookie" json:"cookie,omitzero"`
	Form   string `yaml:"form" json:"form,omitzero"`
}

type ruleData struct {
	ID        string    `yaml:"id" json:"id,omitzero"`
	Code      string    `yaml:"code" json:"code,omitzero"`
	Certainty Certainty `yaml:"certainty" json:"certainty,omitzero"`
	When      whenData  `yaml:"when" json:"when,omitzero"`
	// Evidence is a template; empty tells what the conditions met.
	Evidence lang.Text `yaml:"evidence" json:"evidence,omitzero"`
	// Title and Hint stand in for those of the code.
	Title lang.Text `yaml:"title" json:"title,omitzero"`
	Hint  lang.Text `yaml:"hint" json:"hint,omitzero"`
	// Or is a code that explains the same answer as well; Apart says what tells
	// the two apart.
	Or    string    `yaml:"or" json:"or,omitzero"`
	Apart lang.Text `yaml:"apart" json:"apart,omitzero"`
	// First names the fixes that stand first; see Entry.FixesFor.
	First []string `yaml:"first" json:"first,omitzero"`
}

// whenData is a condition: everything that is given must hold.
type whenData struct {
	Status    []string          `yaml:"status" json:"status,omitzero"`
	Error     []string          `yaml:"error" json:"error,omitzero"`
	ErrorText string            `yaml:"error_text" json:"error_text,omitzero"`
	Note      []string          `yaml:"note" json:"note,omitzero"`
	Chain     []string          `yaml:"chain" json:"chain,omitzero"`
	Header    map[string]string `yaml:"header" json:"header,omitzero"`
	Cookie    string            `yaml:"cookie" json:"cookie,omitzero"`
	Title     string            `yaml:"title" json:"title,omitzero"`
	Text      string            `yaml:"text" json:"text,omitzero"`
	Body      string            `yaml:"body" json:"body,omitzero"`
	Contains  []string          `yaml:"contains" json:"contains,omitzero"`
	Empty     *bool             `yaml:"empty" json:"empty,omitzero"`
	JSON      *bool             `yaml:"json" json:"json,omitzero"`
	Page      *bool             `yaml:"page" json:"page,omitzero"`
	Over      int               `yaml:"over" json:"over,omitzero"`
	Under     int               `yaml:"under" json:"under,omitzero"`
	Location  []string          `yaml:"location" json:"location,omitzero"`
	SamePath  *bool             `yaml:"same_path" json:"same_path,omitzero"`
	Request   *requestData      `yaml:"request" json:"request,omitzero"`
	Any       []whenData        `yaml:"any" json:"any,omitzero"`
	Not       []whenData        `yaml:"not" json:"not,omitzero"`
}

type requestData struct {
	Method     []string `yaml:"method" json:"method,omitzero"`
	AcceptJSON *bool    `yaml:"accept_json" json:"accept_json,omitzero"`
	Scheme     string   `yaml:"scheme" json:"scheme,omitzero"`
	Port       []string `yaml:"port" json:"port,omitzero"`
	Host       string   `yaml:"host" json:"host,omitzero"`
	Path       string   `yaml:"path" json:"path,omitzero"`
	Over       int      `yaml:"over" json:"over,omitzero"`
}

// files are all data files, in the order that they are read in.
type files struct {
	Codes []codesFile  `json:"codes"`
	Rules []namedRules `json:"rules"`
}

type namedRules struct {
	Name    string `json:"name"`
	Special bool   `json:"special,omitzero"` // of data/receivers
	rulesFile
}

// readFiles decodes the data of fsys strictly; see strictyaml.
func readFiles(fsys fs.FS) (files, error) {
	var all files
	var errs []error
	err := eachFile(fsys, "codes", func(name string, data []byte) {
		var f codesFile
		if err := decode(name, data, &f); err != nil {
			errs = append(errs, err)
			return
		}
		all.Codes = append(all.Codes, f)
	})
	errs = append(errs, err)
	for _, dir := range []string{"receivers", "general"} {
		err := eachFile(fsys, dir, func(name string, data []byte) {
			f := namedRules{Name: name, Special: dir == "receivers"}
			if err := decode(name, data, &f.rulesFile); err != nil {
				errs = append(errs, err)
				return
			}
			all.Rules = append(all.Rules, f)
		})
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

func decode(name string, data []byte, into any) error {
	return strictyaml.Read(name, data, into).Err()
}

func eachFile(fsys fs.FS, dir string, read func(name string, data []byte)) error {
	names, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return lang.Errorf("%s: no hay archivos de datos", "%s: no data files", dir)
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		read(name, data)
	}
	return nil
}
