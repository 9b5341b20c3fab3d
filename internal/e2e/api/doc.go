// Package api tests the main job from end to end over HTTP and from the command
// line, and how bad input is answered. It holds tests only.
//
// testdata/*.txtar are stories for people who know schools rather than Go: each
// command in them is explained where commands are, in story_test.go.
package api
