// Command go_patterns prints what Go's package regexp says of patterns.
//
// It reads lines such as {"pattern": "a+", "text": "baa"} from standard input, and prints for each the
// error, or everything that the pattern finds in the text:
//
//	go run tools/go_patterns.go < questions.jsonl
//
// tests/regex/patterns.json was made with it, from patterns put together at random.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"regexp"
)

type entry struct {
	Pattern string   `json:"pattern"`
	Text    string   `json:"text"`
	Error   string   `json:"error,omitempty"`
	Found   []string `json:"found,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var one entry
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			log.Fatal(err)
		}
		if compiled, err := regexp.Compile(one.Pattern); err != nil {
			one.Error = err.Error()
		} else {
			one.Found = compiled.FindAllString(one.Text, -1)
		}
		if err := out.Encode(one); err != nil {
			log.Fatal(err)
		}
	}
}
