package limits

import (
	"math"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// size is the size of a selection set with its fragments expanded.
type size struct {
	selections, aliases int
	width               int // fields of the set itself
	depth               int // levels of fields
	introspection       int // levels below __schema or __type
	nesting             int // levels of fields and fragments
}

// add is a sum that stays far from overflow: a hundred fragments that double
// each other stand for 2^100 fields.
func add(a, b int) int { return min(a+b, math.MaxInt32) }

// beside is the size of two parts of the same set.
func (e size) beside(o size) size {
	return size{
		selections:    add(e.selections, o.selections),
		aliases:       add(e.aliases, o.aliases),
		width:         add(e.width, o.width),
		depth:         max(e.depth, o.depth),
		introspection: max(e.introspection, o.introspection),
		nesting:       max(e.nesting, o.nesting),
	}
}

// spread is the size of a fragment where it is used. It costs a visit even
// when it is empty, and a level: validation is cubic in those.
func (e size) spread() size {
	e.selections = add(e.selections, 1)
	e.nesting++
	return e
}

// introspective is the size of a part that only introspection reaches.
func (e size) introspective() size {
	e.introspection, e.depth = max(e.introspection, e.depth), 0
	return e
}

func (e *size) deepen(o size) {
	e.depth = max(e.depth, o.depth)
	e.introspection = max(e.introspection, o.introspection)
	e.nesting = max(e.nesting, o.nesting)
}

// measurement computes sizes, those of fragments once each.
type measurement struct {
	fragments map[string]*ast.FragmentDefinition
	known     map[string]size
	open      []string // fragments being measured

	cycle, deferred                      bool
	variables, directiveCount, arguments int
	longestName                          int
}

func (m *measurement) name(n string) { m.longestName = max(m.longestName, len(n)) }

func (m *measurement) directives(list ast.DirectiveList) {
	m.directiveCount += len(list)
	for _, d := range list {
		m.name(d.Name)
		m.argumentsOf(d.Arguments)
		if d.Name == "defer" || d.Name == "stream" {
			m.deferred = true
		}
	}
}

func (m *measurement) argumentsOf(list ast.ArgumentList) {
	m.arguments += len(list)
	for _, a := range list {
		m.name(a.Name)
	}
}

func (m *measurement) set(set ast.SelectionSet) size {
	var e size
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			e = e.beside(m.field(sel))
		case *ast.InlineFragment:
			m.name(sel.TypeCondition)
			m.directives(sel.Directives)
			e = e.beside(m.set(sel.SelectionSet).spread())
		case *ast.FragmentSpread:
			m.name(sel.Name)
			m.directives(sel.Directives)
			e = e.beside(m.fragment(sel.Name).spread())
		}
	}
	return e
}

func (m *measurement) field(f *ast.Field) size {
	m.name(f.Name)
	m.name(f.Alias)
	m.directives(f.Directives)
	m.argumentsOf(f.Arguments)

	e := m.set(f.SelectionSet)
	e.selections = add(e.selections, 1)
	e.width = 1
	if f.Alias != f.Name {
		e.aliases = add(e.aliases, 1)
	}
	if f.Name == "__schema" || f.Name == "__type" {
		e = e.introspective()
	}
	e.depth++
	e.nesting++
	return e
}

// fragment is the size of a named fragment. One that does not exist counts
// nothing here: validation refuses it.
func (m *measurement) fragment(name string) size {
	if e, ok := m.known[name]; ok {
		return e
	}
	f, ok := m.fragments[name]
	if !ok {
		return size{}
	}
	if slices.Contains(m.open, name) {
		m.cycle = true
		return size{}
	}
	m.name(name)
	m.name(f.TypeCondition)

	m.open = append(m.open, name)
	e := m.set(f.SelectionSet)
	m.open = m.open[:len(m.open)-1]
	m.known[name] = e
	return e
}
