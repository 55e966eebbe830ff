// RUN: tt-opt %s -p ttir-fold-constants | filecheck %s

// Every elementwise op of constants is computed, and comes back as the number it makes.

func.func @unary() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %x = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
  %abs = "ttir.abs"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %acos = "ttir.acos"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %asin = "ttir.asin"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %asinh = "ttir.asinh"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %atan = "ttir.atan"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %cbrt = "ttir.cbrt"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %ceil = "ttir.ceil"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %cos = "ttir.cos"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %erf = "ttir.erf"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %erfc = "ttir.erfc"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %exp = "ttir.exp"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %exp2 = "ttir.exp2"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %expm1 = "ttir.expm1"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %floor = "ttir.floor"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %frac = "ttir.frac"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %gelu = "ttir.gelu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %hardsigmoid = "ttir.hardsigmoid"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %log = "ttir.log"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %log1p = "ttir.log1p"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %mish = "ttir.mish"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %neg = "ttir.neg"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %reciprocal = "ttir.reciprocal"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %relu = "ttir.relu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %relu6 = "ttir.relu6"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %rsqrt = "ttir.rsqrt"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %selu = "ttir.selu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %sigmoid = "ttir.sigmoid"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %sign = "ttir.sign"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %signbit = "ttir.signbit"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %silu = "ttir.silu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %sin = "ttir.sin"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %softsign = "ttir.softsign"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %sqrt = "ttir.sqrt"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %square = "ttir.square"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %tan = "ttir.tan"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %tanh = "ttir.tanh"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %tanhshrink = "ttir.tanhshrink"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %trunc = "ttir.trunc"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  func.return %abs, %acos, %asin, %asinh, %atan, %cbrt, %ceil, %cos, %erf, %erfc, %exp, %exp2, %expm1, %floor, %frac, %gelu, %hardsigmoid, %log, %log1p, %mish, %neg, %reciprocal, %relu, %relu6, %rsqrt, %selu, %sigmoid, %sign, %signbit, %silu, %sin, %softsign, %sqrt, %square, %tan, %tanh, %tanhshrink, %trunc : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}
// CHECK-LABEL: func.func @unary(
// CHECK-NEXT:    %abs = "ttir.full"() <{fill_value = 5.000000e-01 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %acos = "ttir.full"() <{fill_value = 1.0471{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %asin = "ttir.full"() <{fill_value = 0.5235{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %asinh = "ttir.full"() <{fill_value = 0.4812{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %atan = "ttir.full"() <{fill_value = 0.4636{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %cbrt = "ttir.full"() <{fill_value = 0.7937{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %ceil = "ttir.full"() <{fill_value = 1.000000e+00 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %cos = "ttir.full"() <{fill_value = 0.8775{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %erf = "ttir.full"() <{fill_value = 0.5204{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %erfc = "ttir.full"() <{fill_value = 0.4795{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %exp = "ttir.full"() <{fill_value = 1.6487{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %exp2 = "ttir.full"() <{fill_value = 1.4142{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %expm1 = "ttir.full"() <{fill_value = 0.6487{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %floor = "ttir.full"() <{fill_value = 0.000000e+00 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %frac = "ttir.full"() <{fill_value = 5.000000e-01 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %gelu = "ttir.full"() <{fill_value = 0.3457{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %hardsigmoid = "ttir.full"() <{fill_value = 0.5833{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %log = "ttir.full"() <{fill_value = -0.6931{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %log1p = "ttir.full"() <{fill_value = 0.4054{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %mish = "ttir.full"() <{fill_value = 0.3752{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %neg = "ttir.full"() <{fill_value = -5.000000e-01 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %reciprocal = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %relu = "ttir.full"() <{fill_value = 5.000000e-01 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %relu6 = "ttir.full"() <{fill_value = 5.000000e-01 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %rsqrt = "ttir.full"() <{fill_value = 1.4142{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %selu = "ttir.full"() <{fill_value = 0.5253{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %sigmoid = "ttir.full"() <{fill_value = 0.6224{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %sign = "ttir.full"() <{fill_value = 1.000000e+00 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %signbit = "ttir.full"() <{fill_value = 0.000000e+00 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %silu = "ttir.full"() <{fill_value = 0.3112{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %sin = "ttir.full"() <{fill_value = 0.4794{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %softsign = "ttir.full"() <{fill_value = 0.3333{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %sqrt = "ttir.full"() <{fill_value = 0.7071{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %square = "ttir.full"() <{fill_value = 2.500000e-01 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %tan = "ttir.full"() <{fill_value = 0.5463{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %tanh = "ttir.full"() <{fill_value = 0.4621{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %tanhshrink = "ttir.full"() <{fill_value = 0.0378{{[0-9]*}} : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    %trunc = "ttir.full"() <{fill_value = 0.000000e+00 : f32, shape = array<i32: 2>}> : () -> tensor<2xf32>
// CHECK-NEXT:    func.return %abs, %acos, %asin, %asinh, %atan, %cbrt, %ceil, %cos, %erf, %erfc, %exp, %exp2, %expm1, %floor, %frac, %gelu, %hardsigmoid, %log, %log1p, %mish, %neg, %reciprocal, %relu, %relu6, %rsqrt, %selu, %sigmoid, %sign, %signbit, %silu, %sin, %softsign, %sqrt, %square, %tan, %tanh, %tanhshrink, %trunc
// CHECK-NEXT:  }

func.func @integers() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>) {
  %a = "ttir.constant"() <{value = dense<[-128, 127, 100]> : tensor<3xi8>}> : () -> tensor<3xi8>
  %b = "ttir.constant"() <{value = dense<[-1, 1, 3]> : tensor<3xi8>}> : () -> tensor<3xi8>
  %bitwise_not = "ttir.bitwise_not"(%a) : (tensor<3xi8>) -> tensor<3xi8>
  %bitwise_and = "ttir.bitwise_and"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %bitwise_or = "ttir.bitwise_or"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %bitwise_xor = "ttir.bitwise_xor"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %logical_left_shift = "ttir.logical_left_shift"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %logical_right_shift = "ttir.logical_right_shift"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %right_shift = "ttir.right_shift"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %remainder = "ttir.remainder"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %div = "ttir.div"(%a, %b) : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  %clamp_tensor = "ttir.clamp_tensor"(%a, %b, %b) : (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
  func.return %bitwise_not, %bitwise_and, %bitwise_or, %bitwise_xor, %logical_left_shift, %logical_right_shift, %right_shift, %remainder, %div, %clamp_tensor : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>
}
// CHECK-LABEL: func.func @integers(
// CHECK-NEXT:    %bitwise_not = "ttir.constant"() <{value = dense<[127, -128, -101]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %bitwise_and = "ttir.constant"() <{value = dense<[-128, 1, 0]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %bitwise_or = "ttir.constant"() <{value = dense<[-1, 127, 103]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %bitwise_xor = "ttir.constant"() <{value = dense<[127, 126, 103]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %logical_left_shift = "ttir.constant"() <{value = dense<[0, -2, 32]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %logical_right_shift = "ttir.constant"() <{value = dense<[0, 63, 12]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %right_shift = "ttir.constant"() <{value = dense<[-1, 63, 12]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %remainder = "ttir.constant"() <{value = dense<[0, 0, 1]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %div = "ttir.constant"() <{value = dense<[-128, 127, 33]> : tensor<3xi8>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %clamp_tensor = "ttir.arange"() <{arange_dimension = 0 : i64, end = 5 : si64, start = -1 : si64, step = 2 : si64}> : () -> tensor<3xi8>
// CHECK-NEXT:    func.return %bitwise_not, %bitwise_and, %bitwise_or, %bitwise_xor, %logical_left_shift, %logical_right_shift, %right_shift, %remainder, %div, %clamp_tensor
// CHECK-NEXT:  }

func.func @others() -> (tensor<3xf32>, tensor<1x3xf32>, tensor<3xf32>, tensor<3xi1>, tensor<3xi32>, tensor<3xui8>, tensor<i32>, tensor<i1>, tensor<1xf32>) {
  %x = "ttir.constant"() <{value = dense<[0.0, -1.0, 4.0]> : tensor<3xf32>}> : () -> tensor<3xf32>
  %y = "ttir.constant"() <{value = dense<[-3.5, 300.0, 2.75]> : tensor<3xf32>}> : () -> tensor<3xf32>
  %atan2 = "ttir.atan2"(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %row = "ttir.constant"() <{value = dense<[[0.0, -1.0, 4.0]]> : tensor<1x3xf32>}> : () -> tensor<1x3xf32>
  %gelu_bw = "ttir.gelu_bw"(%row, %row) <{approximate = "tanh"}> : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %leaky_relu = "ttir.leaky_relu"(%x) <{parameter = 0.5 : f32}> : (tensor<3xf32>) -> tensor<3xf32>
  %isfinite = "ttir.isfinite"(%x) : (tensor<3xf32>) -> tensor<3xi1>
  %bitcast_convert = "ttir.bitcast_convert"(%x) : (tensor<3xf32>) -> tensor<3xi32>
  %typecast = "ttir.typecast"(%y) : (tensor<3xf32>) -> tensor<3xui8>
  %argmax = "ttir.argmax"(%x) <{keep_dim = false}> : (tensor<3xf32>) -> tensor<i32>
  %reduce_and = "ttir.reduce_and"(%x) <{keep_dim = false}> : (tensor<3xf32>) -> tensor<i1>
  %reduce_or = "ttir.reduce_or"(%x) <{keep_dim = true}> : (tensor<3xf32>) -> tensor<1xf32>
  func.return %atan2, %gelu_bw, %leaky_relu, %isfinite, %bitcast_convert, %typecast, %argmax, %reduce_and, %reduce_or : tensor<3xf32>, tensor<1x3xf32>, tensor<3xf32>, tensor<3xi1>, tensor<3xi32>, tensor<3xui8>, tensor<i32>, tensor<i1>, tensor<1xf32>
}
// CHECK-LABEL: func.func @others(
// CHECK-NEXT:    %atan2 = "ttir.constant"() <{value = dense<[0.000000e+00, -2.3561945, 0.7853{{[0-9]*}}]> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %gelu_bw = "ttir.constant"() <{value = dense<{{\[\[}}0.000000e+00, 0.0829{{[0-9]*}}, 4.001340e+00]]> : tensor<1x3xf32>}> : () -> tensor<1x3xf32>
// CHECK-NEXT:    %leaky_relu = "ttir.constant"() <{value = dense<[0.000000e+00, -5.000000e-01, 4.000000e+00]> : tensor<3xf32>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %isfinite = "ttir.full"() <{fill_value = 1 : i32, shape = array<i32: 3>}> : () -> tensor<3xi1>
// CHECK-NEXT:    %bitcast_convert = "ttir.constant"() <{value = dense<[0, -1082130432, 1082130432]> : tensor<3xi32>}> : () -> tensor<3xi32>
// CHECK-NEXT:    %typecast = "ttir.constant"() <{value = dense<[0, 255, 2]> : tensor<3xui8>}> : () -> tensor<3xui8>
// CHECK-NEXT:    %argmax = "ttir.full"() <{fill_value = 2 : i32, shape = array<i32>}> : () -> tensor<i32>
// CHECK-NEXT:    %reduce_and = "ttir.full"() <{fill_value = 0 : i32, shape = array<i32>}> : () -> tensor<i1>
// CHECK-NEXT:    %reduce_or = "ttir.full"() <{fill_value = 1.000000e+00 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
// CHECK-NEXT:    func.return %atan2, %gelu_bw, %leaky_relu, %isfinite, %bitcast_convert, %typecast, %argmax, %reduce_and, %reduce_or
// CHECK-NEXT:  }

// Not what draws random numbers.
func.func @random() -> (tensor<2x2xf32>) {
  %a = "ttir.rand"() <{size = [2 : i32, 2 : i32]}> : () -> tensor<2x2xf32>
  %b = "ttir.ones"() <{shape = array<i32: 2, 2>}> : () -> tensor<2x2xf32>
  %c = "ttir.dropout"(%b) <{prob = 0.5 : f32}> : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %d = "ttir.add"(%a, %c) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  func.return %d : tensor<2x2xf32>
}
// CHECK-LABEL: func.func @random(
// CHECK-NEXT:    %a = "ttir.rand"() <{size = [2 : i32, 2 : i32], low = 0.000000e+00 : f32, high = 1.000000e+00 : f32, seed = 0 : ui32}> : () -> tensor<2x2xf32>
// CHECK-NEXT:    %b = "ttir.ones"() <{shape = array<i32: 2, 2>}> : () -> tensor<2x2xf32>
// CHECK-NEXT:    %c = "ttir.dropout"(%b) <{prob = 5.000000e-01 : f32, scale = 1.000000e+00 : f32, seed = 0 : ui32, use_per_device_seed = true}> : (tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    %d = "ttir.add"(%a, %c) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    func.return %d
// CHECK-NEXT:  }
