// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s | tt-opt | filecheck %s

func.func @literals() {
  %splat = "ttir.constant"() <{value = dense<0.0> : tensor<10000x10000xf32>}> : () -> tensor<10000x10000xf32>
  %equal = "ttir.constant"() <{value = dense<[[7, 7], [7, 7]]> : tensor<2x2xi32>}> : () -> tensor<2x2xi32>
  %hex = "ttir.constant"() <{value = dense<"0x803F0040C07F"> : tensor<3xbf16>}> : () -> tensor<3xbf16>
  %zeros = "ttir.constant"() <{value = dense<[0.0, -0.0]> : tensor<2xf32>}> : () -> tensor<2xf32>
  %none = "ttir.constant"() <{value = dense<> : tensor<0x4xf32>}> : () -> tensor<0x4xf32>
  %mask = "ttir.constant"() <{value = dense<[true, false]> : tensor<2xi1>}> : () -> tensor<2xi1>
  %full = "ttir.full"() <{fill_value = 0x7F800001 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
  %kept = "ttir.constant"() <{value = dense_resource<weights> : tensor<2xf32>}> : () -> tensor<2xf32>
  %gone = "ttir.constant"() <{value = dense_resource<__elided__> : tensor<2xf32>}> : () -> tensor<2xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      unused: "0x0100000000",
      weights: "0x040000000000803F00000040"
    }
  }
#-}

// CHECK:      %splat = "ttir.constant"() <{value = dense<0.000000e+00> : tensor<10000x10000xf32>}>
// CHECK-NEXT: %equal = "ttir.constant"() <{value = dense<7> : tensor<2x2xi32>}>
// CHECK-NEXT: %hex = "ttir.constant"() <{value = dense<[1.000000e+00, 2.000000e+00, 0x7FC0]> : tensor<3xbf16>}>
// CHECK-NEXT: %zeros = "ttir.constant"() <{value = dense<[0.000000e+00, -0.000000e+00]> : tensor<2xf32>}>
// CHECK-NEXT: %none = "ttir.constant"() <{value = dense<> : tensor<0x4xf32>}>
// CHECK-NEXT: %mask = "ttir.constant"() <{value = dense<[true, false]> : tensor<2xi1>}>
// CHECK-NEXT: %full = "ttir.full"() <{fill_value = 0x7F800001 : f32, shape = array<i32: 2>}>
// CHECK-NEXT: %kept = "ttir.constant"() <{value = dense_resource<weights> : tensor<2xf32>}>
// CHECK-NEXT: %gone = "ttir.constant"() <{value = dense_resource<__elided__> : tensor<2xf32>}>
// CHECK:      {-#
// CHECK-NEXT:   dialect_resources: {
// CHECK-NEXT:     builtin: {
// CHECK-NEXT:       weights: "0x040000000000803F00000040"
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: #-}
