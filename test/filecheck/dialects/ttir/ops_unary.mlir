// RUN: tt-opt %s | filecheck %s

// Functions of one element.

func.func @functions(%x : tensor<2x32xbf16>) {
  %abs = "ttir.abs"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %ceil = "ttir.ceil"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %cos = "ttir.cos"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %erf = "ttir.erf"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %exp = "ttir.exp"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %floor = "ttir.floor"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %gelu = "ttir.gelu"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %log = "ttir.log"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %log1p = "ttir.log1p"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %neg = "ttir.neg"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %reciprocal = "ttir.reciprocal"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %relu = "ttir.relu"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %rsqrt = "ttir.rsqrt"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %sigmoid = "ttir.sigmoid"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %sign = "ttir.sign"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %silu = "ttir.silu"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %sin = "ttir.sin"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %sqrt = "ttir.sqrt"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  %tanh = "ttir.tanh"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
  func.return
}
// CHECK-LABEL: func.func @functions(%x: tensor<2x32xbf16>) {
// CHECK-NEXT:    %abs = "ttir.abs"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %ceil = "ttir.ceil"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %cos = "ttir.cos"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %erf = "ttir.erf"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %exp = "ttir.exp"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %floor = "ttir.floor"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %gelu = "ttir.gelu"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %log = "ttir.log"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %log1p = "ttir.log1p"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %neg = "ttir.neg"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %reciprocal = "ttir.reciprocal"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %relu = "ttir.relu"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %rsqrt = "ttir.rsqrt"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %sigmoid = "ttir.sigmoid"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %sign = "ttir.sign"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %silu = "ttir.silu"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %sin = "ttir.sin"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %sqrt = "ttir.sqrt"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %tanh = "ttir.tanh"(%x) : (tensor<2x32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @predicates(%x : tensor<2x32xf32>) {
  %f = "ttir.isfinite"(%x) : (tensor<2x32xf32>) -> tensor<2x32xi1>
  %n = "ttir.logical_not"(%x) : (tensor<2x32xf32>) -> tensor<2x32xf32>
  func.return
}
// CHECK-LABEL: func.func @predicates(%x: tensor<2x32xf32>) {
// CHECK-NEXT:    %f = "ttir.isfinite"(%x) : (tensor<2x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %n = "ttir.logical_not"(%x) : (tensor<2x32xf32>) -> tensor<2x32xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

// Attributes may stand among the others; those with a default get it.
func.func @with_attributes(%x : tensor<2x32xf32>) {
  %c = "ttir.clamp_scalar"(%x) {max = 5.000000e+00 : f32, min = -1 : i32} : (tensor<2x32xf32>) -> tensor<2x32xf32>
  %l = "ttir.leaky_relu"(%x) <{parameter = 0.01 : f32}> {kept} : (tensor<2x32xf32>) -> tensor<2x32xf32>
  %t = "ttir.typecast"(%x) : (tensor<2x32xf32>) -> tensor<2x32xui8>
  %u = "ttir.typecast"(%x) <{conservative_folding = true}> : (tensor<2x32xf32>) -> tensor<2x32xsi32>
  func.return
}
// CHECK-LABEL: func.func @with_attributes(%x: tensor<2x32xf32>) {
// CHECK-NEXT:    %c = "ttir.clamp_scalar"(%x) <{min = -1 : i32, max = 5.000000e+00 : f32}> : (tensor<2x32xf32>) -> tensor<2x32xf32>
// CHECK-NEXT:    %l = "ttir.leaky_relu"(%x) <{parameter = 1.000000e-02 : f32}> {kept} : (tensor<2x32xf32>) -> tensor<2x32xf32>
// CHECK-NEXT:    %t = "ttir.typecast"(%x) <{conservative_folding = false}> : (tensor<2x32xf32>) -> tensor<2x32xui8>
// CHECK-NEXT:    %u = "ttir.typecast"(%x) <{conservative_folding = true}> : (tensor<2x32xf32>) -> tensor<2x32xsi32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
