package app

import "github.com/cleargrid/cleargrid/internal/id"

// DecideCaseInput confirms or dismisses a case.
type DecideCaseInput struct {
	CommandID       id.ID
	CaseID          id.ID
	ExpectedVersion *int
	Confirm         bool
	Reason          string
}

// AppealCaseInput is a statement about a case.
type AppealCaseInput struct {
	CommandID       id.ID
	CaseID          id.ID
	ExpectedVersion *int
	Statement       string
}
