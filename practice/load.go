package practice

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata"

	"kapflow/care/clock"
	"kapflow/care/policy"
)

// Practice is everything read from a practice's files, checked and ready for use.
type Practice struct {
	Policy policy.Policy
	Zone   clock.Zone // the zone of policy.practice.timezone, as data
	Texts  Texts
}

//go:embed practice.yaml
var sampleYAML []byte

//go:embed texts/*.txt
var sampleTexts embed.FS

// tooLarge is the largest size of a practice file, in bytes.
const tooLarge = 1 << 20

func sub(files embed.FS, dir string) fs.FS {
	out, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // dir is a constant that go:embed has checked
	}
	return out
}

// Sample gives the sample practice. Its zone data reaches from a year before now to six years after.
func Sample(now time.Time) (Practice, error) {
	return build("practice.yaml", sampleYAML, nil, "", now)
}

// Load reads a practice file. The practice's own message texts are in a directory texts beside it, named like the
// shipped ones. A shipped text is used where the practice has none. The error is of type Faults if the files can be
// read but are wrong.
func Load(path string, now time.Time) (Practice, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Practice{}, fmt.Errorf("read the practice file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > tooLarge {
		return Practice{}, Faults{{File: path, Reason: "is not a practice file. It must be a YAML file of at most 1 MB"}}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Practice{}, fmt.Errorf("read the practice file: %w", err)
	}
	dir := filepath.Join(filepath.Dir(path), "texts")
	var own fs.FS
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		own = os.DirFS(dir)
	}
	return build(path, text, own, dir, now)
}

func build(file string, text []byte, own fs.FS, dir string, now time.Time) (Practice, error) {
	policy, zone, faults := ReadPolicy(file, text, now)
	texts, more := readTexts(own, dir)
	faults = append(faults, more...)
	if len(faults) == 0 {
		// Texts are measured with the practice's own names, so they are checked only if the settings are right.
		for _, err := range texts.Lint(policy) {
			faults = append(faults, asFault(err))
		}
	}
	if len(faults) > 0 {
		return Practice{}, faults
	}
	return Practice{Policy: policy, Zone: zone, Texts: texts}, nil
}

func asFault(err error) Fault {
	if f, ok := err.(Fault); ok {
		return f
	}
	return Fault{File: "texts", Reason: err.Error()}
}

// ReadPolicy decodes and checks the settings in a practice file's text. Faults name the given file.
func ReadPolicy(file string, text []byte, now time.Time) (policy.Policy, clock.Zone, Faults) {
	pol := shippedDefaults()
	r := newReader(file)
	r.read(bytes.TrimPrefix(text, []byte("\ufeff")), &pol)
	if r.broken[""] {
		return policy.Policy{}, clock.Zone{}, r.faults.sorted() // nothing could be read
	}
	zone := r.check(pol, now)
	if len(r.faults) > 0 {
		return policy.Policy{}, clock.Zone{}, r.faults.sorted()
	}
	if pol.Money.Holidays == nil {
		pol.Money.Holidays = holidays(now)
	}
	return pol, zone, nil
}

// shippedDefaults gives the sample's policy without the settings that identify the practice. A practice must set those
// itself, so that none sends messages under the sample's name or charges its prices.
func shippedDefaults() policy.Policy {
	var p policy.Policy
	newReader("practice.yaml").read(sampleYAML, &p)
	p.Version, p.Practice, p.Clinicians, p.Staff, p.Places = "", policy.PracticeInfo{}, nil, nil, nil
	p.Money.EvaluationPrice, p.Money.SessionPrice = 0, 0
	p.Messages.LinkBase = ""
	p.Documents = policy.Documents{}
	p.Confirmation = policy.Confirmation{}
	return p
}
