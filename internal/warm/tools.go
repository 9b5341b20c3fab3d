package main

import (
	_ "ariga.io/atlas/sql/sqltool"
	_ "github.com/goccy/go-yaml"
	_ "pgregory.net/rapid"
)
