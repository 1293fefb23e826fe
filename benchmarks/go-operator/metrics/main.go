// SPDX-License-Identifier: Apache-2.0

// An operator that does everything controller-runtime counts, once: what it then says of itself is
// recorded by tools/record_metrics.py. Usage: metrics METRICS_ADDRESS WEBHOOK_PORT CERTIFICATES
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

type reconciler struct{ client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	word, _, _ := strings.Cut(request.Name, "-")
	switch word {
	case "fails":
		return ctrl.Result{}, errors.New("fails")
	case "terminal":
		return ctrl.Result{}, reconcile.TerminalError(errors.New("fails for good"))
	case "later":
		return ctrl.Result{RequeueAfter: time.Hour}, nil
	case "slow":
		<-ctx.Done()
		return ctrl.Result{}, ctx.Err()
	case "panics":
		panic("nobody foresaw this")
	}
	return ctrl.Result{}, nil
}

func review(_ context.Context, request admission.Request) admission.Response {
	if request.Name == "panics" {
		panic("nobody foresaw this")
	}
	return admission.Allowed("")
}

func main() {
	log.SetLogger(logr.Discard())
	port, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err)
	}
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		LeaderElection: true, LeaderElectionID: "metrics", LeaderElectionNamespace: "default",
		Metrics:       server.Options{BindAddress: os.Args[1]},
		WebhookServer: webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: port, CertDir: os.Args[3]}),
	})
	if err != nil {
		fail(err)
	}
	builder := ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{})
	builder = builder.WithOptions(controller.Options{ReconciliationTimeout: time.Second})
	if err := builder.Complete(&reconciler{manager.GetClient()}); err != nil {
		fail(err)
	}
	manager.GetWebhookServer().Register("/review", &webhook.Admission{Handler: admission.HandlerFunc(review)})
	if err := manager.Start(ctrl.SetupSignalHandler()); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
