// Package ent reads and writes the tables; it is generated from ent/schema.
package ent

//go:generate go run entc.go
