// RUN: not tt-opt %s --split-input-file --verify-diagnostics 2>&1 | filecheck %s

// CHECK: unexpected_errors.mlir:6:6: error: expected error "nothing is wrong" was not produced
func.func @good() {
  return
} // expected-error {{nothing is wrong}}

// -----

// CHECK: unexpected_errors.mlir:14:8: error: unexpected error: 'ttir.relu' op the result has the shape (2,)
// CHECK-NEXT: %0 = "ttir.relu"(%x)
// CHECK-NEXT: {{^       \^$}}
func.func @bad(%x: tensor<2x3xf32>) {
  %0 = "ttir.relu"(%x) : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}
