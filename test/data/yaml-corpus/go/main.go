// Reads documents as Helm and kubectl do, with sigs.k8s.io/yaml: a JSON list of texts on stdin, a JSON list of answers on
// stdout, each the document as JSON text, or null where it is refused.
package main

import (
	"encoding/json"
	"log"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		log.Fatal(err)
	}
	answers := make([]*string, len(texts))
	for i, text := range texts {
		if read, err := yaml.YAMLToJSON([]byte(text)); err == nil {
			answer := string(read)
			answers[i] = &answer
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}
