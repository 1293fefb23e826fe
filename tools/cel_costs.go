// Command cel_costs prints what Kubernetes' own packages say of the CEL rules of schemas.
//
// It reads one openAPIV3Schema as JSON from each line of standard input, and prints for each a line
// with the list of its rules: path, estimated cost of one evaluation, or the compilation error.
// Run it in tests/controlplane, whose Go module has the packages:
//
//	cp ../../tools/cel_costs.go . && go run -mod=mod cel_costs.go < schemas.json
//
// tests/cel/costs.json was made with it. With -compatibility 1.29 rules see only what servers know that
// can be rolled back to 1.29: tests/cel/versions.json was made so.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/version"
	limits "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

type verdict struct {
	Path        string `json:"path"`
	Cost        uint64 `json:"cost"`
	MessageCost uint64 `json:"messageCost,omitempty"`
	UsesOldSelf bool   `json:"usesOldSelf,omitempty"`
	Error       string `json:"error,omitempty"`
}

var compatibility = flag.String("compatibility", environment.DefaultCompatibilityVersion().String(), "version")

func rules(s *schema.Structural, isRoot bool, path string) []verdict {
	var found []verdict
	if len(s.XValidations) > 0 {
		declared := model.SchemaDeclType(s, isRoot || s.XEmbeddedResource)
		base := environment.MustBaseEnvSet(version.MustParseGeneric(*compatibility))
		results, err := cel.Compile(s, declared, limits.PerCallLimit, base, cel.NewExpressionsEnvLoader())
		if err != nil {
			found = append(found, verdict{Path: path, Error: err.Error()})
		}
		for i, result := range results {
			one := verdict{
				Path:        fmt.Sprintf("%s[%d]", path, i),
				Cost:        result.MaxCost,
				MessageCost: result.MessageExpressionMaxCost,
				UsesOldSelf: result.UsesOldSelf,
			}
			if result.Error != nil {
				one.Error = result.Error.Detail
			} else if result.MessageExpressionError != nil {
				one.Error = result.MessageExpressionError.Detail
			}
			found = append(found, one)
		}
	}
	for name, property := range s.Properties {
		found = append(found, rules(&property, false, path+"."+name)...)
	}
	if s.Items != nil {
		found = append(found, rules(s.Items, false, path+"[]")...)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Structural != nil {
		found = append(found, rules(s.AdditionalProperties.Structural, false, path+"{}")...)
	}
	return found
}

func structural(line []byte) (*schema.Structural, error) {
	var external v1.JSONSchemaProps
	if err := json.Unmarshal(line, &external); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	if err := v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil); err != nil {
		return nil, err
	}
	return schema.NewStructural(&internal)
}

func main() {
	flag.Parse()
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			s, problem := structural(line)
			if problem != nil {
				log.Fatal(problem)
			}
			if problem := out.Encode(rules(s, true, "")); problem != nil {
				log.Fatal(problem)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}
