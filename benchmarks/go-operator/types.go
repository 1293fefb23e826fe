// SPDX-License-Identifier: Apache-2.0

package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "my.domain", Version: "v1"}

// WebServerSpec is what the benchmark's WebServers ask for.
type WebServerSpec struct {
	Image    string `json:"image,omitempty"`
	Replicas int32  `json:"replicas"`
	Port     int32  `json:"port,omitempty"`
	NodePort *int32 `json:"nodePort,omitempty"`
}

// WebServerStatus is what the operator writes.
type WebServerStatus struct {
	ReadyReplicas      int32              `json:"readyReplicas"`
	ObservedGeneration int64              `json:"observedGeneration"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

// WebServer is the kind that is reconciled.
type WebServer struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WebServerSpec   `json:"spec,omitempty"`
	Status            WebServerStatus `json:"status,omitempty"`
}

// WebServerList is a list of them.
type WebServerList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []WebServer `json:"items"`
}

// DeepCopyObject copies everything that is not a plain value.
func (in *WebServer) DeepCopyObject() runtime.Object {
	out := *in
	out.ObjectMeta = *in.ObjectMeta.DeepCopy()
	if in.Spec.NodePort != nil {
		port := *in.Spec.NodePort
		out.Spec.NodePort = &port
	}
	out.Status.Conditions = nil
	for _, condition := range in.Status.Conditions {
		out.Status.Conditions = append(out.Status.Conditions, *condition.DeepCopy())
	}
	return &out
}

// DeepCopyObject copies every item.
func (in *WebServerList) DeepCopyObject() runtime.Object {
	out := *in
	out.Items = make([]WebServer, 0, len(in.Items))
	for i := range in.Items {
		out.Items = append(out.Items, *in.Items[i].DeepCopyObject().(*WebServer))
	}
	return &out
}

func addToScheme(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(groupVersion, &WebServer{}, &WebServerList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
}
