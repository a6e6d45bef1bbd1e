{{- /* What all policies of admission.yaml share. A deletion of many (deletecollection) is evaluated
       for each object and has no request.name, so names come from the object. */ -}}
{{- define "emr-operator.admission.variables" -}}
- name: name
  expression: oldObject.metadata.name
- name: confirmed
  expression: >-
    oldObject.metadata.?annotations[?'emrstack.dev/confirm-delete'].orValue('') == variables.name
# It was admitted when it began, and asking again changes nothing.
- name: leaving
  expression: has(oldObject.metadata.deletionTimestamp)
- name: object
  expression: request.kind.kind + ' ' + variables.name
- name: remedy
  expression: >-
    'To confirm, run: kubectl annotate ' + request.resource.resource + '.' + request.resource.group
    + ' ' + variables.name
    + (has(oldObject.metadata.namespace) ? ' -n ' + oldObject.metadata.namespace : '')
    + ' --overwrite emrstack.dev/confirm-delete=' + variables.name
{{- end -}}
