// Package interop holds the ledger against programs of others: the tile client and verifiers of filippo.io/torchwood read what a
// running office serves, and its witness, litewitness, cosigns it as a process of its own. What they accept is C2SP, not only
// what this program takes for it.
package interop
