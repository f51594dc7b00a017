// Package catalogue embeds the built-in scenarios. They are data: one YAML file
// for each set-up, in the language that scenarios/language reads.
package catalogue

import "embed"

// Files are the scenarios, each at the top.
//
//go:embed *.yaml
var Files embed.FS
