"""The bundled samples: extracts of real publications, and the generator of the example city."""
