package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/leaklab/leaklab/scenarios"
	"github.com/spf13/cobra"
)

func newList(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios and handlers",
		Long: `List names the built-in scenarios, which leaklab run takes, and the built-in
handlers, which a scenario file of your own can name: handler: leaky/fraudcheck.`,
		Example: `  leaklab list
  leaklab run fraud-check`,
		Args: arguments(0, 0),
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "SCENARIO\tVARIANTS\tABOUT")
			for _, name := range scenarios.List() {
				scenario, err := scenarios.Load(name, nil)
				if err != nil {
					return notRun(err, "")
				}
				fmt.Fprintf(w, "%s\t%d\t%s\n", name, len(scenario.Variants), scenario.About)
			}
			fmt.Fprintln(w, "\t\t\nHANDLER\tCASE\tABOUT")
			for _, c := range scenarios.Cases() {
				for _, h := range c.Handlers {
					fmt.Fprintf(w, "%s\t%s\t%s\n", h.Name, c.Name, h.About)
				}
			}
			return w.Flush()
		},
	}
}
