package sample

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kapflow/care/person"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

// Options say what a practice of sample clients is made of.
type Options struct {
	Clients int
	// Logs is how many clients share one that has facts, journal, private texts and messages as well; the others have charts and what
	// lists know of them. 0 and 1: all have them.
	Logs int
	// Now is the moment at which the practice stands.
	Now time.Time
	// Progress, if set, is called with the number of clients written.
	Progress func(done int)
}

// A practice of 100,000 records has few clients in a course: who came in the years before is done. One record in activeOf is of a
// client who began within the last twenty weeks, and the others began earlier.
const activeOf = 30

// batch is how many clients are written in one transaction, and writers how many transactions run at once.
const batch = 100

// Keys are the keys of every practice of sample clients, so that one can be opened again. They protect nobody.
func Keys() (fields keyring.Ring, index []byte, err error) {
	key := sha256.Sum256([]byte("the field key of a practice of sample clients"))
	fields, err = keyring.Parse("sample:" + base64.StdEncoding.EncodeToString(key[:]))
	second := sha256.Sum256([]byte("the index key of a practice of sample clients"))
	return fields, second[:], err
}

// ID is the id of a sample client.
func ID(n int) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("sample client"), uint64(n)))
	return "client-" + strings.ToLower(base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// firstNames of sample clients.
var firstNames = []string{"Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jana", "Kim", "Leo", "Mia", "Noa", "Olga", "Pia", "Quin", "Rosa", "Sam", "Tia", "Uma", "Vera", "Will", "Yara"}

// lastName is made up of three syllables, so that names begin in as many ways as in a practice.
func lastName(n int) string {
	var name strings.Builder
	for _, k := range []int{n / 24 * 7, n / 24 / 70, n / 24 / 3} {
		name.WriteByte("bdfgklmnprstvz"[k%14])
		name.WriteByte("aeiou"[k/14%5])
	}
	return strings.ToUpper(name.String()[:1]) + name.String()[1:]
}

// Contact is how a sample client is reached: nowhere.
func Contact(n int) person.Contact {
	return person.Contact{PreferredName: firstNames[n%len(firstNames)] + " " + lastName(n) + "-Sample", Phone: fmt.Sprintf("+1303%07d", 5550000+n), Email: fmt.Sprintf("sample-%d@example.org", n),
		BirthDate: fmt.Sprintf("%d-%02d-%02d", 1950+n%50, 1+n%12, 1+n%28)}
}

// Fill writes a practice's sample clients.
func Fill(ctx context.Context, into *store.Store, prac practice.Practice, o Options) error {
	active, err := playAll(prac, o.Now, weeksAgo(0, 20, 2), false)
	if err != nil {
		return err
	}
	past, err := playAll(prac, o.Now, weeksAgo(26, 104, 12), true)
	if err != nil {
		return err
	}
	var next, done atomic.Int64
	errs := make(chan error, runtime.NumCPU()+1)
	var all sync.WaitGroup
	for range cap(errs) {
		all.Go(func() {
			for {
				from := int(next.Add(batch)) - batch
				if from >= o.Clients {
					return
				}
				clients, err := someOf(active, past, from, min(from+batch, o.Clients), max(o.Logs, 1))
				if err == nil {
					err = into.Fill(ctx, clients)
				}
				if err != nil {
					errs <- err
					return
				}
				if n := int(done.Add(int64(len(clients)))); o.Progress != nil {
					o.Progress(n)
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// weeksAgo counts weeks, the latest first.
func weeksAgo(from, to, every int) (weeks []int) {
	for w := from; w < to; w += every {
		weeks = append(weeks, w)
	}
	return weeks
}

// someOf gives records to clients.
func someOf(active, past []standing, from, to, logs int) (out []store.Filled, err error) {
	for n := from; n < to; n++ {
		r := past[n%len(past)]
		if n%activeOf == 0 {
			r = active[n/activeOf%len(active)]
		}
		id := ID(n)
		body := strings.ReplaceAll(string(r.body), nobody, id)
		if practitioners := n / activeOf / clientsEach; practitioners > 0 {
			body = strings.NewReplacer(`"dr-sample"`, fmt.Sprintf(`"dr-sample-%d"`, practitioners), `"psy-sample"`, fmt.Sprintf(`"psy-sample-%d"`, practitioners)).Replace(body)
		}
		var c store.Filled
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return nil, err
		}
		c.Identity, c.Contact = "sample:"+id, Contact(n)
		if n%logs != 0 {
			c.Facts, c.Changes, c.Texts, c.Sent = nil, nil, nil, nil
		}
		out = append(out, c)
	}
	return out, nil
}

// clientsEach is how many clients in a course a clinician has.
const clientsEach = 25
