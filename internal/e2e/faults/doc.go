// Package faults tests that what was acknowledged survives: kills, broken lines, full
// disks, other people's upload clients and other stores. It holds tests only.
package faults
