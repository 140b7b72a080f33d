// Command mijuan (密卷) runs a law firm's confidentiality regime. `mijuan help` lists what it does.
package main

import (
	"os"

	"mijuan/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
