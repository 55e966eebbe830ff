// RUN: not tt-opt %s -p ttir-partition 2>&1 | filecheck %s
// RUN: tt-opt %s -p inline,ttir-partition,verify-partitioned | filecheck %s --check-prefix=INLINED

// CHECK: {{.*}}ttir-partition-calls.mlir:8: func.call: error: @g is called
// CHECK-NEXT: hint: run the pass `inline` before this one
// INLINED: "ttir.neg"
func.func @f(%a : tensor<32x32xf32>) -> tensor<32x32xf32> {
  %0 = call @g(%a) : (tensor<32x32xf32>) -> tensor<32x32xf32>
  return %0 : tensor<32x32xf32>
}
func.func private @g(%a : tensor<32x32xf32>) -> tensor<32x32xf32> {
  %0 = "ttir.neg"(%a) : (tensor<32x32xf32>) -> tensor<32x32xf32>
  return %0 : tensor<32x32xf32>
}
