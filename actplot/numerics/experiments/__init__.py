"""What is computed beyond curves: softmax, small networks that learn, signals that pass through deep ones."""
