package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/config"
)

// The build for S3 installations reports a missing endpoint before it creates a
// folder or a database; every other build starts without an endpoint.
func TestObjectStoreNamed(t *testing.T) {
	data := t.TempDir()
	if err := objectStoreNamed(config.Config{S3Endpoint: "https://s3.example.org"}); err != nil {
		t.Errorf("with an endpoint: %v", err)
	}
	if err := objectStoreNamed(config.Config{}); (err == nil) != hasEmbedded {
		t.Errorf("without an endpoint: %v, embedded store: %v", err, hasEmbedded)
	}
	if hasEmbedded {
		return
	}
	for _, command := range []string{"serve", "verify", "doctor", "bench"} {
		err := dispatch(t.Context(), []string{command, "--data", data + "/data"})
		if err == nil || !strings.Contains(err.Error(), "no embedded object store") || !strings.Contains(err.Error(), "--s3-endpoint") {
			t.Errorf("%s without an endpoint: %v", command, err)
		}
	}
	if _, err := os.Stat(data + "/data"); !os.IsNotExist(err) {
		t.Errorf("a refused start left its data folder: %v", err)
	}
}

// The tag keeps the embedded store's server and all that it alone needs out of the
// program.
func TestBuildWithoutEmbeddedStore(t *testing.T) {
	modules := func(tags string) map[string]bool {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", tags, "-f", "{{with .Module}}{{.Path}}{{end}}", ".").Output()
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]bool{}
		for line := range strings.FieldsSeq(string(out)) {
			set[line] = true
		}
		return set
	}
	whole, lean := modules(""), modules("noembeddedstore")
	t.Logf("%d modules, %d without the embedded store", len(whole), len(lean))
	for _, m := range []string{"github.com/versity/versitygw", "github.com/gofiber/fiber/v3", "github.com/aws/aws-sdk-go-v2", "github.com/hashicorp/vault-client-go"} {
		if !whole[m] || lean[m] {
			t.Errorf("%s: in the whole build %v, without the embedded store %v", m, whole[m], lean[m])
		}
	}
	if !lean["github.com/minio/minio-go/v7"] || len(lean) > len(whole)-40 {
		t.Errorf("%d of %d modules are left", len(lean), len(whole))
	}
}
