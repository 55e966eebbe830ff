// RUN: tt-opt %s | filecheck %s

// Reductions; without dim_arg, of all dimensions.

func.func @reductions(%x : tensor<2x3x4xf32>) {
  %max = "ttir.max"(%x) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  %mean = "ttir.mean"(%x) <{dim_arg = [-1 : i32], keep_dim = true}> : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
  %min = "ttir.min"(%x) <{dim_arg = [0 : i32, 2 : i32], keep_dim = false}> : (tensor<2x3x4xf32>) -> tensor<3xf32>
  %prod = "ttir.prod"(%x) <{keep_dim = false}> : (tensor<2x3x4xf32>) -> tensor<f32>
  %sum = "ttir.sum"(%x) {keep_dim = true} : (tensor<2x3x4xf32>) -> tensor<1x1x1xf32>
  func.return
}
// CHECK-LABEL: func.func @reductions(%x: tensor<2x3x4xf32>) {
// CHECK-NEXT:    %max = "ttir.max"(%x) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:    %mean = "ttir.mean"(%x) <{dim_arg = [-1 : i32], keep_dim = true}> : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
// CHECK-NEXT:    %min = "ttir.min"(%x) <{dim_arg = [0 : i32, 2 : i32], keep_dim = false}> : (tensor<2x3x4xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %prod = "ttir.prod"(%x) <{keep_dim = false}> : (tensor<2x3x4xf32>) -> tensor<f32>
// CHECK-NEXT:    %sum = "ttir.sum"(%x) <{keep_dim = true}> : (tensor<2x3x4xf32>) -> tensor<1x1x1xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
