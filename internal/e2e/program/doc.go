// Package program runs the product for the end-to-end tests as its users meet it:
// the real program, real ports, real photos and videos.
//
// It decides how the program is built, started, killed and asked, and which county
// a test begins with. It never reaches into the program: what it knows of the
// product is the command line, the URLs and the GraphQL contract. The packages
// beside it use it and nothing else does: api holds the main job from end to end and
// how bad input is answered, faults what survives kills and broken lines, pages the
// pages in a browser. They are apart so that they run side by side.
package program
