package eligibility

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// path is Stedi's real-time eligibility check in JSON, below the configured address.
const path = "/2026-06-01/eligibility-check"

const (
	// Patience is how long to wait for an insurer. Some answer slowly, and a person is waiting.
	Patience = 45 * time.Second
	// mostAnswer is the most that is read of an answer, in bytes.
	mostAnswer = 8 << 20
)

// ErrAway means that no answer came: the service is down, slow, or refused the key. A later request may succeed.
var ErrAway = errors.New("no answer from the insurer")

// Checker asks one clearing house. It is safe for concurrent use.
type Checker struct {
	BaseURL string // for example https://healthcare.us.stedi.com
	Key     string
	// Practice and NPI identify who asks. An NPI has ten digits.
	Practice, NPI string
	// HTTP replaces the default client in tests.
	HTTP *http.Client
}

// Question is about one client. It is read when a person asks, and is not stored.
type Question struct {
	Payer     string // the clearing house's number for the insurer
	LegalName string // as the insurer has it; the last word is taken as the family name
	BirthDate string // 2006-01-02
	MemberID  string
}

// Lacks names what is missing from the question, in words for the person who can add it.
func (q Question) Lacks() (missing []string) {
	for _, f := range []struct{ what, text string }{{"the legal name", q.LegalName}, {"the date of birth", q.BirthDate}, {"the insurer's member id", q.MemberID}, {"the insurer (--payer)", q.Payer}} {
		if strings.TrimSpace(f.text) == "" {
			missing = append(missing, f.what)
		}
	}
	return missing
}

type person struct {
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName"`
}

type request struct {
	PayerID  string `json:"payerId"`
	Provider struct {
		Name struct {
			Organization string `json:"organization"`
		} `json:"name"`
		NPI string `json:"npi"`
	} `json:"provider"`
	Subscriber struct {
		Name struct {
			Person person `json:"person"`
		} `json:"name"`
		DateOfBirth string `json:"dateOfBirth"`
		MemberID    string `json:"memberId"`
	} `json:"subscriber"`
	Encounter struct {
		Services []service `json:"services"`
	} `json:"encounter"`
}

func (c *Checker) request(q Question) request {
	var r request
	r.PayerID = q.Payer
	r.Provider.Name.Organization, r.Provider.NPI = c.Practice, c.NPI
	words := strings.Fields(q.LegalName)
	last := len(words) - 1
	r.Subscriber.Name.Person = person{FirstName: strings.Join(words[:last], " "), LastName: words[last]}
	r.Subscriber.DateOfBirth, r.Subscriber.MemberID = q.BirthDate, q.MemberID
	// Only mental health is named: no diagnosis, and nothing about the treatment.
	r.Encounter.Services = []service{{System: "STC", Value: "MH"}}
	return r
}

// Ask asks once. The error is ErrAway if no answer came. An answer that the insurer does not know the client is not an
// error.
//
// HAZARD: no error text may quote a body, a header or the address, because they contain the client's name or the key.
func (c *Checker) Ask(ctx context.Context, q Question) (Answer, error) {
	if missing := q.Lacks(); len(missing) > 0 {
		return Answer{}, fmt.Errorf("cannot ask the insurer: %s is missing", strings.Join(missing, " and "))
	}
	body, err := json.Marshal(c.request(q))
	if err != nil {
		return Answer{}, fmt.Errorf("write the question: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.BaseURL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, errors.New("KAPFLOW_ELIGIBILITY_URL is not a web address")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", c.Key)
	resp, err := c.client().Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: the service could not be reached", ErrAway)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return Answer{}, fmt.Errorf("%w: the connection broke", ErrAway)
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return Answer{}, fmt.Errorf("%w: the service refuses KAPFLOW_ELIGIBILITY_KEY (HTTP %d)", ErrAway, resp.StatusCode)
	case resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout:
		return Answer{}, fmt.Errorf("the service does not understand the question (HTTP %d); is --payer its number of the insurer?", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return Answer{}, fmt.Errorf("%w: HTTP %d", ErrAway, resp.StatusCode)
	}
	var r response
	if err := json.Unmarshal(text, &r); err != nil {
		return Answer{}, fmt.Errorf("%w: the answer is not in the expected format", ErrAway)
	}
	return r.read(), nil
}

func (c *Checker) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
