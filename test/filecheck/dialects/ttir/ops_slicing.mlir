// RUN: tt-opt %s | filecheck %s

// Parts of tensors, pads and repetitions.

func.func @parts(%x : tensor<4x6xf32>, %b : tensor<2xi32>) {
  %i = "ttir.index"(%x) <{dim = 1 : i32, begin = 1 : i32, end = 6 : i32, step = 2 : i32}> : (tensor<4x6xf32>) -> tensor<4x3xf32>
  %s = "ttir.index_select"(%x) <{dim = -1 : si32, begin = 0 : si32, length = 2 : si32, stride = 4 : si32}> : (tensor<4x6xf32>) -> tensor<4x4xf32>
  %n = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 1 : si32, length = 3 : si32}> : (tensor<4x6xf32>) -> tensor<3x6xf32>
  %d = "ttir.slice_dynamic"(%x, %b, %b) : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<?x3xf32>
  %e = "ttir.slice_dynamic"(%x, %b, %b) <{step = [1 : i32, -2 : i32]}> : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x3xf32>
  %p = "ttir.pad"(%x) <{padding = array<i32: 1, 0, 0, 2>, value = 0.000000e+00 : f32}> : (tensor<4x6xf32>) -> tensor<5x8xf32>
  %r = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2, 1>}> : (tensor<4x6xf32>) -> tensor<8x6xf32>
  %v = "ttir.repeat_interleave"(%x) <{repeats = 2 : ui32, dim = 0 : si32}> : (tensor<4x6xf32>) -> tensor<8x6xf32>
  %t = "ttir.rearrange"(%x) <{pattern = "a b -> (b a)"}> : (tensor<4x6xf32>) -> tensor<24xf32>
  %u = "ttir.reverse"(%x) <{dimensions = array<i64: 1>}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %z = "ttir.get_dimension_size"(%x) <{dimension = 1 : i32}> : (tensor<4x6xf32>) -> tensor<1xui32>
  func.return
}
// CHECK-LABEL: func.func @parts(%x: tensor<4x6xf32>, %b: tensor<2xi32>) {
// CHECK-NEXT:    %i = "ttir.index"(%x) <{dim = 1 : i32, begin = 1 : i32, end = 6 : i32, step = 2 : i32}> : (tensor<4x6xf32>) -> tensor<4x3xf32>
// CHECK-NEXT:    %s = "ttir.index_select"(%x) <{dim = -1 : si32, begin = 0 : si32, length = 2 : si32, stride = 4 : si32}> : (tensor<4x6xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:    %n = "ttir.index_select"(%x) <{dim = 0 : si32, begin = 1 : si32, length = 3 : si32, stride = 0 : si32}> : (tensor<4x6xf32>) -> tensor<3x6xf32>
// CHECK-NEXT:    %d = "ttir.slice_dynamic"(%x, %b, %b) : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<?x3xf32>
// CHECK-NEXT:    %e = "ttir.slice_dynamic"(%x, %b, %b) <{step = [1 : i32, -2 : i32]}> : (tensor<4x6xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %p = "ttir.pad"(%x) <{padding = array<i32: 1, 0, 0, 2>, value = 0.000000e+00 : f32}> : (tensor<4x6xf32>) -> tensor<5x8xf32>
// CHECK-NEXT:    %r = "ttir.repeat"(%x) <{repeat_dimensions = array<i64: 2, 1>}> : (tensor<4x6xf32>) -> tensor<8x6xf32>
// CHECK-NEXT:    %v = "ttir.repeat_interleave"(%x) <{repeats = 2 : ui32, dim = 0 : si32}> : (tensor<4x6xf32>) -> tensor<8x6xf32>
// CHECK-NEXT:    %t = "ttir.rearrange"(%x) <{pattern = "a b -> (b a)"}> : (tensor<4x6xf32>) -> tensor<24xf32>
// CHECK-NEXT:    %u = "ttir.reverse"(%x) <{dimensions = array<i64: 1>}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
// CHECK-NEXT:    %z = "ttir.get_dimension_size"(%x) <{dimension = 1 : i32}> : (tensor<4x6xf32>) -> tensor<1xui32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
