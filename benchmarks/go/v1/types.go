// Package v1 holds the same AppService API that examples/appservice-operator has in Python.
//
// +groupName=app.example.com
package v1

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AppServiceSpec is the desired state of an AppService.
type AppServiceSpec struct {
	// Size is how many pods shall run.
	Size *int32 `json:"size"`

	// Image is the container image that the pods run.
	Image string `json:"image"`

	// Resources are what each container may use.
	Resources corev1.ResourceRequirements `json:"resources,omitempty"`

	// Envs are the environment variables of the container.
	Envs []corev1.EnvVar `json:"envs,omitempty"`

	// Ports are those of the Service.
	Ports []corev1.ServicePort `json:"ports,omitempty"`
}

// AppServiceStatus is the status of the Deployment.
type AppServiceStatus struct {
	appsv1.DeploymentStatus `json:",inline"`
}

// +kubebuilder:object:root=true
// +kubebuilder:subresource:status

// AppService is the Schema for the appservices API.
type AppService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   AppServiceSpec   `json:"spec,omitempty"`
	Status AppServiceStatus `json:"status,omitempty"`
}

// +kubebuilder:object:root=true

// AppServiceList is a list of AppServices.
type AppServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []AppService `json:"items"`
}
