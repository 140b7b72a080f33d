// Package policy embeds the default rules: Cedar policies by chapter, the schema they are checked against, the clauses' texts
// and the truth table. A firm replaces them with a directory of the same form (docs/rules.md).
package policy

import "embed"

// FS holds *.cedar, mijuan.cedarschema, clauses.json and truth.txtar.
//
//go:embed *.cedar *.cedarschema *.json *.txtar
var FS embed.FS
