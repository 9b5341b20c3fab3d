package pages

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

func TestMain(m *testing.M) { program.Main(m) }
