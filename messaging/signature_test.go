package messaging_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	encoding "encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kapflow/devstack/published"
	"kapflow/messaging"
	"kapflow/messaging/fake"
)

// signer is a script that signs its input with Twilio's own code.
const signer = `
const { getExpectedTwilioSignature } = require(process.argv[1]);
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(given.map(g => getExpectedTwilioSignature(g.token, g.url, g.params))));
`

type request struct {
	Token  string            `json:"token"`
	URL    string            `json:"url"`
	Params map[string]string `json:"params"`
}

func (r request) form() url.Values {
	form := url.Values{}
	for name, value := range r.Params {
		form.Set(name, value)
	}
	return form
}

// twilioSigns signs requests with Twilio's published code.
func twilioSigns(t *testing.T, requests []request) (signatures []string) {
	t.Helper()
	file := published.File(t, published.TwilioSigner)
	if _, err := exec.LookPath("node"); err != nil {
		published.Missing(t, "node is not installed")
	}
	given, err := encoding.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", signer, file)
	cmd.Stdin = bytes.NewReader(given)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	if err := encoding.Unmarshal(out, &signatures); err != nil || len(signatures) != len(requests) {
		t.Fatalf("node said %s: %v", out, err)
	}
	return signatures
}

// TestWhatTwilioSignedIsTakenAndNothingElse checks requests that Twilio's own code signed.
func TestWhatTwilioSignedIsTakenAndNothingElse(t *testing.T) {
	t.Parallel()
	const status = "https://kapflow.example/hooks/twilio/status?i=0123456789abcdef0123456789abcdef"
	requests := []request{
		{"first", status, map[string]string{"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+13035550142"}},
		{"second", status, map[string]string{"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}},
		{"first", "https://kapflow.example/hooks/twilio/inbound", map[string]string{"MessageSid": "SM2", "From": "+13035550142", "Body": "no más, gracias & adiós + 1 = 2"}},
		{"first", "https://kapflow.example:8443/hooks/twilio/inbound", map[string]string{"MessageSid": "SM3", "From": "+13035550142", "Body": ""}},
		{"first", "http://127.0.0.1:8233/hooks/twilio/inbound", map[string]string{"MessageSid": "SM4", "From": "+13035550142", "Body": "line\nline '\"<>"}},
	}
	both, first := messaging.NewTwilioSignature("first", "second"), messaging.NewTwilioSignature("first", "")
	for i, signature := range twilioSigns(t, requests) {
		r := requests[i]
		body := []byte(r.form().Encode())
		if !both.Valid(r.URL, body, signature) {
			t.Errorf("request %d, signed by Twilio's code with a token that is good, is refused", i)
		}
		if first.Valid(r.URL, body, signature) != (r.Token == "first") {
			t.Errorf("request %d, signed with the %s token, taken otherwise by who knows the first alone", i, r.Token)
		}
		if ours := fake.SignTwilio(r.Token, r.URL, r.form()); ours != signature {
			t.Errorf("request %d: the fake signs %s and Twilio %s", i, ours, signature)
		}
		changed := bytes.Replace(body, []byte("SM"), []byte("SN"), 1)
		for name, valid := range map[string]bool{
			"OneByteOfTheFormChanged":    both.Valid(r.URL, changed, signature),
			"OneByteOfTheAddressChanged": both.Valid(strings.Replace(r.URL, "hooks", "Hooks", 1), body, signature),
			"AKeyGivenTwice":             both.Valid(r.URL, append(bytes.Clone(body), "&MessageSid=SM9"...), signature),
			"AKeyAdded":                  both.Valid(r.URL, append(bytes.Clone(body), "&Extra=1"...), signature),
			"NoSignature":                both.Valid(r.URL, body, ""),
			"AnotherSignature":           both.Valid(r.URL, body, base64.StdEncoding.EncodeToString(make([]byte, 20))),
			"NoTokenKnown":               messaging.NewTwilioSignature("", "").Valid(r.URL, body, signature),
		} {
			if valid {
				t.Errorf("request %d is taken: %s", i, name)
			}
		}
	}
}

// vector is a signed batch of events with its key, from sendgrid-go's own tests.
type vector struct {
	key, signature, timestamp string
	body                      []byte
}

// publishedVector reads the values of sendgrid-go's test from the module cache, at the version in go.mod.
func publishedVector(t *testing.T) vector {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/sendgrid/sendgrid-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(dir)), "helpers", "eventwebhook", "eventwebhook_test.go")
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	figures, event := map[string]string{}, map[string]any{}
	word := func(e ast.Expr) (text string, number bool) {
		literal, ok := e.(*ast.BasicLit)
		if !ok {
			return "", false
		}
		if text, err := strconv.Unquote(literal.Value); err == nil {
			return text, false
		}
		return literal.Value, true
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if i < len(n.Values) {
					figures[name.Name], _ = word(n.Values[i])
				}
			}
		case *ast.FuncDecl:
			return n.Name.Name == "generateTestPayload"
		case *ast.KeyValueExpr:
			key, _ := word(n.Key)
			value, number := word(n.Value)
			if event[key] = value; number {
				event[key] = encoding.Number(value)
			}
		}
		return true
	})
	var body bytes.Buffer
	encoder := encoding.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode([]any{event}); err != nil {
		t.Fatal(err)
	}
	v := vector{figures["publicKey"], figures["signature"], figures["timestamp"], append(bytes.TrimSuffix(body.Bytes(), []byte("\n")), "\r\n"...)}
	if v.key == "" || v.signature == "" || v.timestamp == "" || len(event) < 5 {
		t.Fatalf("%s holds its figures otherwise than it did: %+v", file, v)
	}
	return v
}

// TestWhatSendGridSignedIsTakenAndNothingElse checks the batch that SendGrid's library publishes, signed by SendGrid.
func TestWhatSendGridSignedIsTakenAndNothingElse(t *testing.T) {
	t.Parallel()
	v := publishedVector(t)
	at, err := strconv.ParseInt(v.timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	signed := time.Unix(at, 0)
	server, err := fake.StartSendGrid()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	other := server.VerificationKey()
	for name, c := range map[string]struct {
		keys []string
		body []byte
		sig  string
		now  time.Time
		want bool
	}{
		"AsPublished":            {[]string{v.key}, v.body, v.signature, signed, true},
		"SecondKeyInRotation":    {[]string{other, v.key}, v.body, v.signature, signed, true},
		"TriedAgainForADay":      {[]string{v.key}, v.body, v.signature, signed.Add(25 * time.Hour), true},
		"OlderThanItIsTried":     {[]string{v.key}, v.body, v.signature, signed.Add(25*time.Hour + time.Second), false},
		"FromTheFuture":          {[]string{v.key}, v.body, v.signature, signed.Add(-26 * time.Hour), false},
		"OneByteChanged":         {[]string{v.key}, bytes.Replace(v.body, []byte("dropped"), []byte("dropqed"), 1), v.signature, signed, false},
		"LineEndCutOff":          {[]string{v.key}, bytes.TrimRight(v.body, "\r\n"), v.signature, signed, false},
		"AnotherKey":             {[]string{other}, v.body, v.signature, signed, false},
		"NoKey":                  {[]string{""}, v.body, v.signature, signed, false},
		"NoSignature":            {[]string{v.key}, v.body, "", signed, false},
		"SignatureThatIsNoASN.1": {[]string{v.key}, v.body, "AAAA", signed, false},
	} {
		s, err := messaging.NewSendGridSignature(c.keys...)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Valid(c.body, c.sig, v.timestamp, c.now); got != c.want {
			t.Errorf("%s: valid is %v", name, got)
		}
	}
	s, err := messaging.NewSendGridSignature(v.key)
	if err != nil {
		t.Fatal(err)
	}
	for _, stamp := range []string{"", "soon", strconv.FormatInt(at+1, 10)} {
		if s.Valid(v.body, v.signature, stamp, signed) {
			t.Errorf("taken with the timestamp %q", stamp)
		}
	}
}

// TestKeyOfAnotherKindIsAnErrorOfTheSettings checks a key on which the library panics.
func TestKeyOfAnotherKindIsAnErrorOfTheSettings(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	inBase64 := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(der)
	}
	for name, key := range map[string]string{"RSA": inBase64(&rsaKey.PublicKey), "Ed25519": inBase64(edKey), "NoBase64": "not a key", "NoKeyInIt": "AAAA"} {
		if s, err := messaging.NewSendGridSignature(key); err == nil || s != nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
