// Package apptest runs a whole office in a temporary directory, reached as people and programs reach it: over HTTPS, by pages, API
// and uploads, with real databases, a real object store and real render workers. What it holds are tests only.
package apptest
