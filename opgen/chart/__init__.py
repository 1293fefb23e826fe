"""What a project brings into a cluster, as one file or as a Helm chart.

kustomize, which is inside kubectl, puts the manifests below `config/` together. `objects` runs it
and changes what it printed: the image, or which objects are left out. `templates` makes Helm
templates of the same objects, `values` their values, and `files` the whole chart, which a plan
compares with what is on disk so that no edit is lost.

Start reading at `opgen.chart.objects`.
"""
