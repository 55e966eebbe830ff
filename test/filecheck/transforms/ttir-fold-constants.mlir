// RUN: tt-opt %s -p ttir-fold-constants | filecheck %s
// RUN: tt-opt %s -p 'ttir-fold-constants{max-elements=3 max-bytes=64}' | filecheck %s --check-prefix=SMALL

// Operators and TTIR ops alike: what comes out is a range, equal numbers or a short list.
func.func @folds(%x : tensor<2x4xi64>) -> (tensor<2x4xi64>, tensor<4xf32>, tensor<4xf32>) {
  %0 = aten.call "aten.arange.default"(4 : i64) : () -> tensor<4xi64>
  %1 = aten.call "aten.unsqueeze.default"(%0, 0 : i64) : (tensor<4xi64>) -> tensor<1x4xi64>
  %2 = aten.call "aten.add.Tensor"(%x, %1) : (tensor<2x4xi64>, tensor<1x4xi64>) -> tensor<2x4xi64>
  %3 = "ttir.arange"() <{start = 0 : si64, end = 4 : si64, step = 1 : si64, arange_dimension = 0 : i64}> : () -> tensor<4xf32>
  %4 = "ttir.multiply"(%3, %3) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %5 = "ttir.full"() <{fill_value = 4.0 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
  %6 = "ttir.sqrt"(%5) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %2, %4, %6 : tensor<2x4xi64>, tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @folds
// CHECK-NEXT:    %[[IDS:.*]] = "ttir.arange"() <{arange_dimension = 1 : i64, end = 4 : si64, start = 0 : si64, step = 1 : si64}> : () -> tensor<1x4xi64>
// CHECK-NEXT:    %[[SUM:.*]] = aten.call "aten.add.Tensor"(%x, %[[IDS]])
// CHECK-NEXT:    %[[SQUARES:.*]] = "ttir.constant"() <{value = dense<[0.000000e+00, 1.000000e+00, 4.000000e+00, 9.000000e+00]> : tensor<4xf32>}>
// CHECK-NEXT:    %[[TWO:.*]] = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    func.return %[[SUM]], %[[SQUARES]], %[[TWO]]

// Four irregular numbers are more than three; equal ones are not.
// SMALL-LABEL: func.func @folds
// SMALL:         %{{.*}} = "ttir.multiply"(%[[R:.*]], %[[R]]) : (tensor<4xf32>, tensor<4xf32>)
// SMALL-NEXT:    %{{.*}} = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 4>}>

// 64 bytes are not enough for 16 elements, which count 8 bytes each.
func.func @large() -> tensor<16xf32> {
  %0 = "ttir.zeros"() <{shape = array<i32: 16>}> : () -> tensor<16xf32>
  %1 = "ttir.cos"(%0) : (tensor<16xf32>) -> tensor<16xf32>
  func.return %1 : tensor<16xf32>
}
// CHECK-LABEL: func.func @large
// CHECK-NEXT:    %{{.*}} = "ttir.full"() <{fill_value = 1.000000e+00 : f32, shape = array<i32: 16>}>
// SMALL-LABEL: func.func @large
// SMALL:         "ttir.cos"

// A number that TTIR's 32-bit attributes would change is written out.
func.func @wide() -> (tensor<2xf64>, tensor<3xi64>) {
  %0 = aten.call "aten.full.default"([2 : i64], 0.1 : f64) kwargs(dtype = #aten.dtype<"float64">) : () -> tensor<2xf64>
  %1 = aten.call "aten.full.default"([3 : i64], 1099511627776 : i64) : () -> tensor<3xi64>
  func.return %0, %1 : tensor<2xf64>, tensor<3xi64>
}
// CHECK-LABEL: func.func @wide
// CHECK-NEXT:    %[[F:.*]] = "ttir.constant"() <{value = dense<1.000000e-01> : tensor<2xf64>}> : () -> tensor<2xf64>
// CHECK-NEXT:    %[[I:.*]] = "ttir.constant"() <{value = dense<1099511627776> : tensor<3xi64>}> : () -> tensor<3xi64>
// CHECK-NEXT:    func.return %[[F]], %[[I]]

// What is random, without elements, or of a type that TTIR has no literals for stays.
func.func @stays() -> (tensor<4xf32>, tensor<0xf32>, tensor<2xcomplex<f32>>) {
  %0 = aten.call "aten.rand.default"([4 : i64]) : () -> tensor<4xf32>
  %1 = aten.call "aten.zeros.default"([0 : i64]) : () -> tensor<0xf32>
  %2 = aten.call "aten.zeros.default"([2 : i64]) kwargs(dtype = #aten.dtype<"complex64">) : () -> tensor<2xcomplex<f32>>
  func.return %0, %1, %2 : tensor<4xf32>, tensor<0xf32>, tensor<2xcomplex<f32>>
}
// CHECK-LABEL: func.func @stays
// CHECK-NEXT:    %{{.*}} = aten.call "aten.rand.default"
// CHECK-NEXT:    %{{.*}} = aten.call "aten.zeros.default"([0 : i64])
// CHECK-NEXT:    %{{.*}} = aten.call "aten.zeros.default"([2 : i64])
