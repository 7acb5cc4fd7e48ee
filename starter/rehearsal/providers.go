package rehearsal

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console"
	"kapflow/devstack/published"
	"kapflow/messaging/fake"
	"kapflow/worker/wiring"
)

// providers are the fake message providers of an environment. They speak the real ones' API and report to the app's
// console over HTTP, so the adapters, the signatures and everything behind them are the real ones.
type providers struct {
	interceptor.InterceptorBase
	twilio   *fake.Twilio
	sendGrid *fake.SendGrid
	server   *http.Server // of the console
	listener net.Listener // of the console
	relay    func(ctx context.Context) error
	now      atomic.Int64 // virtual time of the activity that runs, in Unix nanoseconds
}

// twilioSchema is Twilio's description of its API, nil if the file is not on this machine. It is read once: that takes 0.3 s.
var twilioSchema = sync.OnceValues(func() (*fake.Schema, error) { return fake.OptionalSchema(published.Path(published.TwilioAPI)) })

// startProviders starts the fakes, and listens at the address where they will report. No message may be sent before
// reportTo.
func startProviders() (_ *providers, err error) {
	p := &providers{server: &http.Server{ReadHeaderTimeout: 5 * time.Second}}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	schema, err := twilioSchema()
	if err != nil {
		return nil, err
	}
	if p.twilio, err = fake.StartTwilio(schema); err != nil {
		return nil, err
	}
	if p.sendGrid, err = fake.StartSendGrid(); err != nil {
		return nil, err
	}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	now := func() time.Time { return time.Unix(0, p.now.Load()) }
	p.twilio.Now, p.sendGrid.Now = now, now
	p.twilio.InboundURL, p.sendGrid.EventsURL = p.public()+console.TwilioInboundPath, p.public()+console.SendGridEventsPath
	return p, nil
}

// public is the address of the app's console.
func (p *providers) public() string { return "http://" + p.listener.Addr().String() }

// settings make an app send through the fakes.
func (p *providers) settings() config.Settings {
	s := TwilioSettings(p.twilio.URL(), p.public())
	s.SendGridKey, s.SendGridFrom = config.NewSecret(fake.SendGridKey), "office@visit.example"
	s.SendGridWebhookKey, s.SendGridBaseURL = p.sendGrid.VerificationKey(), p.sendGrid.URL()
	return s
}

// TwilioSettings make an app send texts through a fake Twilio at url, which reports to the console at public.
func TwilioSettings(url, public string) config.Settings {
	return config.Settings{
		PublicURL: public, TwilioAccount: fake.TwilioAccount, TwilioKey: fake.TwilioKey, TwilioSecret: config.NewSecret(fake.TwilioSecret),
		TwilioService: fake.TwilioService, TwilioToken: config.NewSecret(fake.TwilioAuthToken), TwilioBaseURL: url,
	}
}

// reportTo serves the app's console, to which the fakes report.
func (p *providers) reportTo(app *wiring.App) {
	p.relay = app.Desk.Relay
	p.server.Handler = console.Handler(app.Console(p.settings())...)
	go func() { _ = p.server.Serve(p.listener) }()
}

func (p *providers) close() {
	if p.twilio != nil {
		p.twilio.Close()
	}
	if p.sendGrid != nil {
		p.sendGrid.Close()
	}
	if p.listener != nil {
		_ = p.listener.Close()
	}
	_ = p.server.Close()
}

// Behave sets how one provider answers from now on.
func (p *providers) Behave(ch person.Channel, b fake.Behaviour) error {
	if ch == person.SMS {
		return p.twilio.Behave(b)
	}
	return p.sendGrid.Behave(b)
}

// Reply sends a client's text to the console. It then hands the text to the journey itself, because a busy machine may take
// longer than the console waits.
func (p *providers) Reply(ctx context.Context, from, text string) error {
	if _, err := p.twilio.Inbound(ctx, from, text); err != nil {
		return err
	}
	return p.relay(ctx)
}

// Taken counts the messages that a channel's provider accepted.
func (p *providers) Taken(ch person.Channel) int {
	if ch == person.SMS {
		return len(p.twilio.Sent())
	}
	return len(p.sendGrid.Sent())
}

// Faults are the requests that break the providers' own rules.
func (p *providers) Faults() []string { return slices.Concat(p.twilio.Faults(), p.sendGrid.Faults()) }

// InterceptActivity makes the providers report at the end of each Send, while the journey's virtual time stands still.
func (p *providers) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &reporting{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, providers: p}
}

type reporting struct {
	interceptor.ActivityInboundInterceptorBase
	providers *providers
}

// ExecuteActivity runs the activity. After a Send, the providers report on every message they accepted.
func (r *reporting) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	if info.ActivityType.Name != "Send" {
		return r.Next.ExecuteActivity(ctx, in)
	}
	r.providers.now.Store(info.StartedTime.UnixNano())
	out, err := r.Next.ExecuteActivity(ctx, in)
	for _, report := range []func(context.Context) error{r.providers.twilio.Report, r.providers.sendGrid.Report, r.providers.relay} {
		if reportErr := report(ctx); reportErr != nil {
			activity.GetLogger(ctx).Error("a provider's report was not taken", "error", reportErr)
		}
	}
	return out, err
}
