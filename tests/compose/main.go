// Command compose loads compose files with the library of Docker Compose and says for each what is wrong with it.
//
// Usage: compose FILE...   One JSON line a file: {"file": ..., "error": ...}; a good file has no error.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

type verdict struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[1:] {
		found := verdict{File: file}
		if err := load(file); err != nil {
			found.Error = err.Error()
		}
		if err := out.Encode(found); err != nil {
			log.Fatal(err)
		}
	}
}

func load(file string) error {
	details := types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file}},
		Environment: types.Mapping{},
	}
	_, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) { o.SetProjectName("alerts", true) })
	return err
}
