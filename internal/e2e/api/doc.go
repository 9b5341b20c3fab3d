// Package e2e tests the product as its users meet it: the real program, real
// ports, real photos and videos, a real browser.
//
// It decides whether the main job works from end to end, whether anything that
// was acknowledged survives a kill, and how bad input is answered over HTTP. It
// never reaches into the program: what it knows of the product is the command
// line, the URLs and the GraphQL contract. It holds tests only, and nothing
// imports it.
//
// testdata/*.txtar are stories for people who know schools rather than Go: each
// command in them is explained where commands are listed, in story_test.go.
package api
