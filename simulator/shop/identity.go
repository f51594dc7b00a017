package shop

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz"

// host is the host part of every cuid that is made here: LIKE '%ksim%' finds
// all rows that a run has left in a database.
const host = "ksim"

// prefixes is the table of id prefixes (the letters before "_") and what they
// are called when a run's ids are listed.
func prefixes() map[string]string {
	return map[string]string{
		"evn": "event id", "ord": "order id", "itm": "order item id", "tra": "transaction id", "ful": "fulfillment id",
		"shr": "shipping rate id", "prd": "product id", "sku": "sku id", "tag": "tag id", "vnd": "vendor id",
		"fil": "file id", "col": "collection id", "rul": "collection rule id", "cat": "category id",
		"cus": "customer id", "adr": "address id", "gtw": "gateway id", "blg": "blog id", "pst": "post id",
		"pag": "page id", "crt": "cart id", "chk": "checkout id", "chn": "channel id", "usr": "user id",
	}
}

const (
	span7  = 36 * 36 * 36 * 36 * 36 * 36 * 36 // 36^7: the tail of an email or a permalink
	span12 = span7 * 36 * 36 * 36 * 36 * 36   // 36^12: the counter and random parts of a cuid together
	// perStory is how many ids one story may have.
	perStory = 1 << 13
	// primeNumbers is 2^31-1: the greatest order number, and a prime.
	greatestNumber = 1<<31 - 1
	phoneSpan      = 100_000_000

	// The multipliers share no factor with 36 and 10, so that multiplying
	// modulo the spans above permutes them.
	scatter12 = 3_037_000_500_123_457
	scatter7  = 4_882_812_511
	scatter8  = 61_803_399
)

// mint makes what is unique about one story: a function of the run ids and the
// story's key, never of the seed.
//
// Uniqueness. The 12 free characters of a cuid (4 counter, 8 random) count one
// number below 36^12 = 4.7e18. A key name owns a stretch of it that begins at
// hash(ids, name); index i owns the perStory numbers from begin + i*perStory;
// each id of the story has its own ordinal there. So within one name no two
// ids are equal for 5e14 indexes, by arithmetic. Two names (or two runs) share
// an id only if their stretches overlap: for a million stories each the odds
// are 2 * 1e6 * 8192 / 36^12 = 3.5e-9, and the ids must also have the same
// prefix and the same millisecond. The numbers are then permuted, which keeps
// all of this, so that ids look random. The same holds for order numbers
// (2 * 1e6 / 2^31 for two names of a million orders each) and, with the run
// ids in clear in front, for emails, permalinks and sku codes.
type mint struct {
	ids   string
	base  uint64 // first of the story's numbers below span12
	tail  uint64 // below span7
	num   uint64 // order number - 1
	phone uint64
}

func newMint(ids, domain string, key Key) mint {
	h := hashString(hashString(hashString(0x6b73696d, ids), domain), key.Name)
	i := uint64(key.Index)
	return mint{
		ids:   ids,
		base:  addMul(hash(h, 1)%span12, i, perStory, span12),
		tail:  addMul(hash(h, 2)%span7, i, 1, span7),
		num:   addMul(hash(h, 3)%greatestNumber, i, 1, greatestNumber),
		phone: addMul(hash(h, 4)%phoneSpan, i, 4, phoneSpan),
	}
}

// addMul is (a + i*step) mod m without overflow; a is below m.
func addMul(a, i, step, m uint64) uint64 {
	hi, lo := bits.Mul64(i%m, step)
	lo, carry := bits.Add64(lo, a, 0)
	_, rem := bits.Div64((hi+carry)%m, lo, m)
	return rem
}

// cuid makes the id of an object that came into being at a Unix second. The
// ordinal tells the story's objects apart.
//
// Layout (25 characters behind the prefix): "c", 8 of the Unix milliseconds in
// base 36, 4 of a counter, 4 of the host, 8 random. Like on the platform, the
// second of the id is the object's created_at.
func (m *mint) cuid(prefix string, second int64, ordinal int) string {
	v := m.scattered(ordinal)
	return cuidOf(prefix, uint64(second)*1000+v>>17%1000, v)
}

// nthCuid is the id of the n-th of some things of one second, of which the later
// ones have the greater ids.
func (m *mint) nthCuid(prefix string, second int64, n, ordinal int) string {
	const most, share = 10, 100 // of the milliseconds of a second, for each
	v := m.scattered(ordinal)
	return cuidOf(prefix, uint64(second)*1000+uint64(min(n, most-1)*share)+v>>17%share, v)
}

// scattered is the story's own number of an ordinal, below span12.
func (m *mint) scattered(ordinal int) uint64 {
	return addMul(0, addMul(m.base, uint64(ordinal), 1, span12), scatter12, span12)
}

func cuidOf(prefix string, millis, v uint64) string {
	var b [29]byte
	copy(b[:4], prefix)
	b[3] = '_'
	b[4] = 'c'
	put36(b[5:13], millis)
	put36(b[21:29], v)
	for range 8 {
		v /= 36
	}
	put36(b[13:17], v)
	copy(b[17:21], host)
	return string(b[:])
}

// put36 fills b with the last digits of v in base 36.
func put36(b []byte, v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = base36[v%36]
		v /= 36
	}
}

// number is the order number: at most 2^31-1, for receivers keep it in an int.
// Orders of one key name count up by one, as a shop's do.
func (m *mint) number() string { return strconv.FormatUint(m.num+1, 10) }

// unique is the part that makes emails, permalinks and sku codes the story's
// own: the run ids and 7 characters.
func (m *mint) unique() string {
	var b [11]byte
	copy(b[:4], m.ids)
	put36(b[4:], addMul(0, m.tail, scatter7, span7))
	return string(b[:])
}

// digits is a phone number: the prefix filled up to ten digits. One story has
// up to four.
func (m *mint) digits(prefix string, which int) string {
	n := 10 - len(prefix)
	v := addMul(0, m.phone+uint64(which), scatter8, phoneSpan)
	b := make([]byte, 10)
	copy(b, prefix)
	for i := 9; i >= 10-n; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return string(b)
}

// DrawSeed draws a run seed from r (crypto/rand.Reader outside of tests): below
// 2^31, so that it is short enough to type. An error of r makes it panic, as
// crypto/rand itself does.
func DrawSeed(r io.Reader) uint64 { return draw(r) & (1<<31 - 1) }

// DrawIDs draws the four characters of --ids from r, as DrawSeed does.
func DrawIDs(r io.Reader) string { return fourOf(draw(r)) }

// IDsFromSeed gives the ids that a run has when only its seed was named, so
// that the seed alone fixes the bytes.
func IDsFromSeed(seed uint64) string { return fourOf(hash(0x696473, seed)) }

func fourOf(v uint64) string {
	var b [4]byte
	put36(b[:], v)
	return string(b[:])
}

func draw(r io.Reader) uint64 {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		panic(fmt.Sprintf("shop: reading randomness: %v", err))
	}
	return hash(0, binary.LittleEndian.Uint64(b[:]))
}

// ParseIDs checks what a user gave as ids: four characters, a to z and 0 to 9.
// Upper case is taken as lower case, for ids are all lower case.
func ParseIDs(s string) (string, error) {
	ids := strings.ToLower(s)
	if len(ids) != 4 || strings.Trim(ids, base36) != "" {
		return "", lang.Errorf("ids %q: se esperan 4 caracteres, cada uno una letra a-z o un número (como 4k2p)",
			"ids %q: want 4 characters, each a letter a-z or a digit (such as 4k2p)", s)
	}
	return ids, nil
}

// A cuid has room for 8 base-36 digits of milliseconds: up to 2059.
var errTime = lang.Errorf("fuera de 2000 a 2058, los años cuyos ids se pueden escribir",
	"outside of 2000 to 2058, the years whose ids can be written")

func checkTime(t time.Time) error {
	if t.Year() < 2000 || t.Year() > 2058 {
		return errTime
	}
	return nil
}
