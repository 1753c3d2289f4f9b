"""Games of loci, straight paths and the explainers of the library ``shap``."""
