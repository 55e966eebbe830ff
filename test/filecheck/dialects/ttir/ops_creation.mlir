// RUN: tt-opt %s | filecheck %s

// Tensors made of attributes.

func.func @creation() {
  %a = "ttir.arange"() <{arange_dimension = 1 : i64, end = 7 : si64, start = 1 : si64, step = 2 : si64}> : () -> tensor<2x3xi64>
  %down = "ttir.arange"() <{arange_dimension = 0 : i64, end = 0 : si64, start = 4 : si64, step = -1 : si64}> : () -> tensor<4xf32>
  %c = "ttir.constant"() <{value = dense<[1.000000e+00, 2.500000e+00]> : tensor<2xbf16>}> : () -> tensor<2xbf16>
  %f = "ttir.full"() <{fill_value = -1.5 : f32, shape = array<i32: 2, 3>}> : () -> tensor<2x3xbf16>
  %i = "ttir.full"() <{fill_value = 7 : i32, shape = array<i32>}> : () -> tensor<i8>
  %o = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
  %z = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf64>
  func.return
}
// CHECK-LABEL: func.func @creation() {
// CHECK-NEXT:    %a = "ttir.arange"() <{arange_dimension = 1 : i64, end = 7 : si64, start = 1 : si64, step = 2 : si64}> : () -> tensor<2x3xi64>
// CHECK-NEXT:    %down = "ttir.arange"() <{arange_dimension = 0 : i64, end = 0 : si64, start = 4 : si64, step = -1 : si64}> : () -> tensor<4xf32>
// CHECK-NEXT:    %c = "ttir.constant"() <{value = dense<[1.000000e+00, 2.500000e+00]> : tensor<2xbf16>}> : () -> tensor<2xbf16>
// CHECK-NEXT:    %f = "ttir.full"() <{fill_value = -1.500000e+00 : f32, shape = array<i32: 2, 3>}> : () -> tensor<2x3xbf16>
// CHECK-NEXT:    %i = "ttir.full"() <{fill_value = 7 : i32, shape = array<i32>}> : () -> tensor<i8>
// CHECK-NEXT:    %o = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %z = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf64>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
