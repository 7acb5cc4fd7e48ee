package fake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Schema is a provider's own published description of its API.
type Schema struct{ router routers.Router }

// LoadSchema reads a description. If the file does not exist, the error matches os.ErrNotExist.
func LoadSchema(file string) (*Schema, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	doc.Servers = nil // requests come to this server
	for _, path := range doc.Paths.Map() {
		path.Servers = nil
	}
	// Some of the file's own examples do not match it.
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		return nil, fmt.Errorf("understand %s: %w", file, err)
	}
	return &Schema{router: router}, nil
}

// OptionalSchema reads a description if the file exists.
func OptionalSchema(file string) (*Schema, error) {
	schema, err := LoadSchema(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return schema, err
}

// check compares a request with the schema. The request's body can be read again afterwards.
func (s *Schema) check(r *http.Request) error {
	if s == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	defer func() { r.Body = io.NopCloser(bytes.NewReader(body)) }()
	route, params, err := s.router.FindRoute(r)
	if err != nil {
		return fmt.Errorf("%s %s is not in the published description: %w", r.Method, r.URL.Path, err)
	}
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}})
}
