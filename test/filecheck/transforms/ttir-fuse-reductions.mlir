// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// Reductions with fewer ops.

func.func @kept_dimension(%x : tensor<2x4x8xf32>) -> tensor<2x1x8xf32> {
  %s = "ttir.max"(%x) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<2x4x8xf32>) -> tensor<2x8xf32>
  %a = "ttir.reshape"(%s) <{shape = [2 : i32, 1 : i32, 8 : i32]}> : (tensor<2x8xf32>) -> tensor<2x1x8xf32>
  func.return %a : tensor<2x1x8xf32>
}
// CHECK-LABEL: func.func @kept_dimension(
// CHECK-NEXT:    %a = "ttir.max"(%x) <{dim_arg = [1 : i32], keep_dim = true}>
// CHECK-NEXT:    func.return %a : tensor<2x1x8xf32>

func.func @dimension_elsewhere(%x : tensor<2x4x8xf32>) -> tensor<2x8x1xf32> {
  %s = "ttir.max"(%x) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<2x4x8xf32>) -> tensor<2x8xf32>
  %a = "ttir.unsqueeze"(%s) <{dim = 2 : si32}> : (tensor<2x8xf32>) -> tensor<2x8x1xf32>
  func.return %a : tensor<2x8x1xf32>
}
// CHECK-LABEL: func.func @dimension_elsewhere(
// CHECK-NEXT:    %s = "ttir.max"(%x)
// CHECK-NEXT:    %a = "ttir.unsqueeze"(%s)
// CHECK-NEXT:    func.return %a : tensor<2x8x1xf32>

func.func @mean(%x : tensor<4x8xf32>) -> tensor<4xf32> {
  %s = "ttir.sum"(%x) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<4x8xf32>) -> tensor<4xf32>
  %f = "ttir.full"() <{fill_value = 8.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %m = "ttir.div"(%s, %f) : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  func.return %m : tensor<4xf32>
}
// CHECK-LABEL: func.func @mean(
// CHECK-NEXT:    %m = "ttir.mean"(%x) <{dim_arg = [1 : i32], keep_dim = false}>
// CHECK-NEXT:    func.return %m : tensor<4xf32>

func.func @other_number(%x : tensor<4x8xf32>) -> tensor<4xf32> {
  %s = "ttir.sum"(%x) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<4x8xf32>) -> tensor<4xf32>
  %f = "ttir.full"() <{fill_value = 4.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %m = "ttir.div"(%s, %f) : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  func.return %m : tensor<4xf32>
}
// CHECK-LABEL: func.func @other_number(
// CHECK-NEXT:    %s = "ttir.sum"(%x)
// CHECK-NEXT:    %f = "ttir.full"()
// CHECK-NEXT:    %m = "ttir.div"(%s, %f)
// CHECK-NEXT:    func.return %m : tensor<4xf32>

func.func @global_average(%x : tensor<2x4x4x8xf32>) -> tensor<2x1x1x8xf32> {
  %m = "ttir.mean"(%x) <{dim_arg = [2 : i32, 1 : i32], keep_dim = false}> : (tensor<2x4x4x8xf32>) -> tensor<2x8xf32>
  %a = "ttir.reshape"(%m) <{shape = [2 : i32, 1 : i32, 1 : i32, 8 : i32]}> : (tensor<2x8xf32>) -> tensor<2x1x1x8xf32>
  func.return %a : tensor<2x1x1x8xf32>
}
// CHECK-LABEL: func.func @global_average(
// CHECK-NEXT:    %a = "ttir.global_avg_pool2d"(%x)
// CHECK-NEXT:    func.return %a : tensor<2x1x1x8xf32>

// The op takes the channels last.
func.func @channels_first(%x : tensor<2x8x4x4xf32>) -> tensor<2x8x1x1xf32> {
  %m = "ttir.mean"(%x) <{dim_arg = [2 : i32, 3 : i32], keep_dim = true}> : (tensor<2x8x4x4xf32>) -> tensor<2x8x1x1xf32>
  func.return %m : tensor<2x8x1x1xf32>
}
// CHECK-LABEL: func.func @channels_first(
// CHECK-NEXT:    %m = "ttir.mean"(%x)
// CHECK-NEXT:    func.return %m : tensor<2x8x1x1xf32>
