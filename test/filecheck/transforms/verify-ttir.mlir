// RUN: tt-opt %s -p verify-ttir | filecheck %s

// TTIR ops, calls of operators without a TTIR equivalent, and loads of cached values.
func.func private @cached(%w : tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "const_eval"} {
  %0 = "ttir.exp"(%w) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func @f(%x : tensor<4xf32>, %w : tensor<4xf32>) -> tensor<4xf32> {
  %0 = ttcore.load_cached(@cached, [%w]) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = aten.call "aten.cumsum.default"(%x, 0 : i64) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "ttir.add"(%0, %1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %2 : tensor<4xf32>
}
// CHECK-LABEL: func.func @f
// CHECK:         %2 = "ttir.add"(%0, %1)
