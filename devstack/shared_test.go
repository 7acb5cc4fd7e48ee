package devstack

import (
	"os"
	"regexp"
	"testing"
)

// sharedModules are the modules on which nearly every package of Temporal's API, of its SDK (with testify) and of gRPC is built.
var sharedModules = regexp.MustCompile(`(?m)^\t(golang\.org/x/(?:crypto|net|sync|sys|text|time)|google\.golang\.org/(?:grpc|protobuf|genproto/\S+)|go\.temporal\.io/(?:api|sdk)|github\.com/stretchr/testify) (v\S+)`)

// The programs and the embedded Temporal server are built one after the other on a fresh machine. Where a module differs, all packages above it are
// compiled twice: golang.org/x/sys alone made the first start a minute longer.
func TestTheServerIsBuiltFromTheModulesOfThePrograms(t *testing.T) {
	t.Parallel()
	read := func(path string) map[string]string {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, m := range sharedModules.FindAllStringSubmatch(string(body), -1) {
			found[m[1]] = m[2]
		}
		return found
	}
	programs, server := read("../go.mod"), read("server/go.mod")
	if len(programs) < 10 {
		t.Fatalf("go.mod names %v", programs)
	}
	for module, version := range programs {
		if server[module] != version {
			t.Errorf("%s is %s for the programs and %s for the server; choose one", module, version, server[module])
		}
	}
}
