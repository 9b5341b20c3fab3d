// Package pages tests the pages in a browser against the real program, on counties
// that are made once: the tests themselves are in internal/web/test. It holds tests
// only.
package pages
