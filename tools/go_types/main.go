// Command go_types prints, for each type of the Kubernetes API, which of its fields Go's encoder
// treats in a way that the OpenAPI document does not tell.
//
// Run it with `go run . | python table.py`, which makes the table that opgen reads.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// fields lists the JSON names of a type's fields by what is particular to them.
type fields struct {
	// Pointer: left out when it is null only, so zero, false and the empty string stay.
	Pointer []string `json:"p,omitempty"`
	// Always: never left out.
	Always []string `json:"a,omitempty"`
	// Struct: a struct by value, which is there even if nobody set it.
	Struct []string `json:"s,omitempty"`
	// Zero: structs by value that write themselves: times, quantities, ports. They are there, too.
	Zero []string `json:"z,omitempty"`
}

var marshaler = reflect.TypeOf((*json.Marshaler)(nil)).Elem()

func definition(t reflect.Type) string {
	path := strings.TrimPrefix(t.PkgPath(), "k8s.io/")
	return "io.k8s." + strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}

func visit(t reflect.Type, found map[string]fields) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		visit(t.Elem(), found)
		return
	case reflect.Struct:
	default:
		return
	}
	name := definition(t)
	if _, seen := found[name]; seen || reflect.PointerTo(t).Implements(marshaler) {
		return
	}
	found[name] = fields{}
	about := fields{}
	collect(t, &about, found)
	for _, names := range [][]string{about.Pointer, about.Always, about.Struct, about.Zero} {
		sort.Strings(names)
	}
	found[name] = about
}

func collect(t reflect.Type, about *fields, found map[string]fields) {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == "-" {
			continue
		}
		if tag == "" {
			if field.Anonymous {
				collect(field.Type, about, found)
			}
			continue
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		kind := field.Type.Kind()
		special := kind != reflect.Pointer && reflect.PointerTo(field.Type).Implements(marshaler)
		switch {
		case kind == reflect.Struct && !special && !strings.Contains(options, "omitzero"):
			about.Struct = append(about.Struct, tag)
		case kind == reflect.Struct && special && !strings.Contains(options, "omitzero"):
			about.Zero = append(about.Zero, tag)
		case !optional:
			about.Always = append(about.Always, tag)
		case kind == reflect.Pointer || special || kind == reflect.Struct:
			about.Pointer = append(about.Pointer, tag)
		}
		visit(field.Type, found)
	}
}

func main() {
	for _, add := range []func(*runtime.Scheme) error{
		apiextensions.AddToScheme,
		apiregistration.AddToScheme,
	} {
		if err := add(scheme.Scheme); err != nil {
			panic(err)
		}
	}
	found := map[string]fields{}
	for kind, t := range scheme.Scheme.AllKnownTypes() {
		if kind.Version != runtime.APIVersionInternal {
			visit(t, found)
		}
	}
	for name, about := range found {
		if about.Pointer == nil && about.Always == nil && about.Struct == nil && about.Zero == nil {
			delete(found, name)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(found); err != nil {
		panic(err)
	}
}
