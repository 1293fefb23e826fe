// SPDX-License-Identifier: Apache-2.0

// The WebServer operator as one writes it with controller-runtime: the same children, the same
// status, the same event. It is measured beside the others by `python -m benchmarks`.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const workers = 16

type reconciler struct {
	client.Client
	scheme   *runtime.Scheme
	recorder events.EventRecorder
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	web := &WebServer{}
	if err := r.Get(ctx, request.NamespacedName, web); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	labels := map[string]string{
		"app.kubernetes.io/name":       "webserver",
		"app.kubernetes.io/instance":   web.Name,
		"app.kubernetes.io/managed-by": "webserver-operator",
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: web.Name, Namespace: web.Namespace}}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, deployment, func() error {
		wantDeployment(deployment, web, labels)
		return controllerutil.SetControllerReference(web, deployment, r.scheme)
	}); err != nil {
		return ctrl.Result{}, ignoreConflict(err)
	}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: web.Name + "-service", Namespace: web.Namespace}}
	if _, err := controllerutil.CreateOrUpdate(ctx, r.Client, service, func() error {
		wantService(service, web, labels)
		return controllerutil.SetControllerReference(web, service, r.scheme)
	}); err != nil {
		return ctrl.Result{}, ignoreConflict(err)
	}
	return ctrl.Result{}, r.observe(ctx, web, deployment)
}

func ignoreConflict(err error) error {
	if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("try again: %w", err)
	}
	return err
}

func wantDeployment(deployment *appsv1.Deployment, web *WebServer, labels map[string]string) {
	deployment.Labels = labels
	deployment.Spec.Replicas = &web.Spec.Replicas
	deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
	template := &deployment.Spec.Template
	template.Labels = labels
	if len(template.Spec.Containers) != 1 {
		template.Spec.Containers = make([]corev1.Container, 1)
	}
	no := false
	container := &template.Spec.Containers[0]
	container.Name = "webserver"
	container.Image = web.Spec.Image
	container.Ports = []corev1.ContainerPort{{ContainerPort: web.Spec.Port, Protocol: corev1.ProtocolTCP}}
	container.SecurityContext = &corev1.SecurityContext{AllowPrivilegeEscalation: &no}
	template.Spec.SecurityContext = &corev1.PodSecurityContext{
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

func wantService(service *corev1.Service, web *WebServer, labels map[string]string) {
	service.Labels = labels
	service.Spec.Type = corev1.ServiceTypeNodePort
	service.Spec.Selector = labels
	port := corev1.ServicePort{
		Name: "http", Port: web.Spec.Port, TargetPort: intstr.FromInt32(web.Spec.Port), Protocol: corev1.ProtocolTCP,
	}
	if web.Spec.NodePort != nil {
		port.NodePort = *web.Spec.NodePort
	} else if len(service.Spec.Ports) == 1 {
		port.NodePort = service.Spec.Ports[0].NodePort
	}
	service.Spec.Ports = []corev1.ServicePort{port}
}

func (r *reconciler) observe(ctx context.Context, web *WebServer, deployment *appsv1.Deployment) error {
	before := web.Status.DeepCopy()
	seen := deployment.Status
	ready := seen.ReadyReplicas
	available := seen.ObservedGeneration == deployment.Generation &&
		seen.UpdatedReplicas == web.Spec.Replicas && seen.Replicas == web.Spec.Replicas &&
		ready >= web.Spec.Replicas
	web.Status.ReadyReplicas = ready
	web.Status.ObservedGeneration = web.Generation
	status, reason := metav1.ConditionFalse, "RollingOut"
	if available {
		status, reason = metav1.ConditionTrue, "PodsReady"
	}
	message := fmt.Sprintf("%d of %d pods are ready", ready, web.Spec.Replicas)
	known := meta.FindStatusCondition(web.Status.Conditions, "Available")
	news := known == nil || known.Status != status || known.Reason != reason
	meta.SetStatusCondition(&web.Status.Conditions, metav1.Condition{
		Type: "Available", Status: status, Reason: reason, Message: message, ObservedGeneration: web.Generation,
	})
	if news {
		r.recorder.Eventf(web, nil, corev1.EventTypeNormal, reason, "Reconcile", "%s", message)
	}
	if reflect.DeepEqual(before, &web.Status) {
		return nil
	}
	return r.Status().Update(ctx, web)
}

// DeepCopy copies the conditions too.
func (in *WebServerStatus) DeepCopy() *WebServerStatus {
	web := WebServer{Status: *in}
	return &web.DeepCopyObject().(*WebServer).Status
}

func main() {
	log.SetLogger(logr.Discard())
	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme)
	addToScheme(scheme)
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"},
	})
	if err == nil {
		err = ctrl.NewControllerManagedBy(manager).
			For(&WebServer{}).Owns(&appsv1.Deployment{}).Owns(&corev1.Service{}).
			WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
			Complete(&reconciler{manager.GetClient(), scheme, manager.GetEventRecorder("webserver")})
	}
	if err == nil {
		err = manager.Start(ctrl.SetupSignalHandler())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
