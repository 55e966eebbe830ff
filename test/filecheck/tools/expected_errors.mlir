// RUN: tt-opt %s --split-input-file --verify-diagnostics | filecheck %s

// The parts with errors print nothing.

func.func @verifier(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'ttir.relu' op the result has the shape (2,), expected (2, 3)}}
  %0 = "ttir.relu"(%x) : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @parser(%x: tensor<2x3xf32>) {
  // expected-error-re @below {{operation 'ttir.rely' is not registered; did you mean {{.*}}'ttir.relu'}}
  %0 = "ttir.rely"(%x) : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @notes() {
^a: // expected-note {{originally declared here}}
  return
^a:
  // expected-error @above {{re-declaration of block 'a'}}
  return
}

// -----

// CHECK: func.func @good()
func.func @good() {
  return
}
