"""What `tf.test` offers: test cases that compare arrays, checks of gradients, benchmarks."""
