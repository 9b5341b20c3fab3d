// Package figures defines each figure of the dashboards once: how it is summed
// now, how it is summed for an instant of the past, which rows stand behind it and
// how it is rebuilt.
//
// It decides what a figure counts, and gives the lists their conditions. It never
// decides who may ask (app) and changes nothing. app, the simulation and `cleargrid
// verify --rollup` call it; nothing above it restates what a figure counts.
package figures

import "github.com/cleargrid/cleargrid/ent"

// Reader reads figures through a client, or through a transaction's.
type Reader struct{ Ent *ent.Client }
