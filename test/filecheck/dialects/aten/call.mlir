// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC

// Calls of operators: values are operands, everything else stands in the argument list as in the graph.

func.func @calls(%x : tensor<2x3xf32>, %y : tensor<2x3xf32>, %n : i64) {
  %0 = aten.call "aten.relu.default"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = aten.call "aten.cat.default"([%x, %y, %x], 1 : i64) {kept} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x9xf32>
  %2, %3 = aten.call "aten.max.dim"(%x, -1 : i64, true) : (tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xi64>)
  %4 = aten.call "operator.mul"(%n, 2 : i64) : (i64) -> i64
  aten.call "aten._assert_scalar.default"(%4, "n is \22odd\22\0A") : (i64) -> ()
  %5 = aten.call "aten.full.default"([], 2.500000e-01 : f64) kwargs(dtype = #aten.dtype<"float32">, layout = #aten.layout<"strided">, device = #aten.device<"cpu">, pin_memory = false) : () -> tensor<f32>
  func.return
}
// CHECK-LABEL: func.func @calls(
// CHECK-NEXT{LITERAL}: %0 = aten.call "aten.relu.default"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT{LITERAL}: %1 = aten.call "aten.cat.default"([%x, %y, %x], 1 : i64) {kept} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x9xf32>
// CHECK-NEXT{LITERAL}: %2, %3 = aten.call "aten.max.dim"(%x, -1 : i64, true) : (tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xi64>)
// CHECK-NEXT{LITERAL}: %4 = aten.call "operator.mul"(%n, 2 : i64) : (i64) -> i64
// CHECK-NEXT{LITERAL}: aten.call "aten._assert_scalar.default"(%4, "n is \22odd\22\0A") : (i64) -> ()
// CHECK-NEXT{LITERAL}: %5 = aten.call "aten.full.default"([], 2.500000e-01 : f64) kwargs(dtype = #aten.dtype<"float32">, layout = #aten.layout<"strided">, device = #aten.device<"cpu">, pin_memory = false) : () -> tensor<f32>
// GENERIC-LABEL: sym_name = "calls"
// GENERIC{LITERAL}: %1 = "aten.call"(%x, %y, %x) <{callee = "aten.cat.default", args = [[#aten.operand<0>, #aten.operand<1>, #aten.operand<2>], 1 : i64]}> {kept} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x9xf32>
// GENERIC{LITERAL}: %5 = "aten.call"() <{callee = "aten.full.default", args = [[], 2.500000e-01 : f64], kwargs = {dtype = #aten.dtype<"float32">, layout = #aten.layout<"strided">, device = #aten.device<"cpu">, pin_memory = false}}> : () -> tensor<f32>

// Every kind of argument. Floats keep all their bits.
func.func @arguments(%x : tensor<2xf32>, %y : tensor<2x!aten.element<"float8_e4m3fn">>) {
  aten.call "positional"(#aten.none, true, 9223372036854775807 : i64, 18446744073709551615 : i128, 0.33333333333333331 : f64, 0x7FF8000000000000 : f64, 0xFFF0000000000000 : f64, 0x419D6F3454000000 : f64, -0.000000e+00 : f64) : () -> ()
  aten.call "nested"([[%x, #aten.none], [], [[1 : i64]]], array<i64: 1, 2>, @arguments) : (tensor<2xf32>) -> ()
  aten.call "keywords"(%x) kwargs(a = %x, "not an identifier" = [%y, 1 : i64], true = #aten.complex<"1.0", "-inf">, memory_format = #aten.memory_format<"channels_last">) : (tensor<2xf32>, tensor<2xf32>, tensor<2x!aten.element<"float8_e4m3fn">>) -> ()
  func.return
}
// CHECK-LABEL: func.func @arguments(
// CHECK-NEXT{LITERAL}: aten.call "positional"(#aten.none, true, 9223372036854775807 : i64, 18446744073709551615 : i128, 0.33333333333333331 : f64, 0x7FF8000000000000 : f64, 0xFFF0000000000000 : f64, 0x419D6F3454000000 : f64, -0.000000e+00 : f64) : () -> ()
// CHECK-NEXT{LITERAL}: aten.call "nested"([[%x, #aten.none], [], [[1 : i64]]], array<i64: 1, 2>, @arguments) : (tensor<2xf32>) -> ()
// CHECK-NEXT{LITERAL}: aten.call "keywords"(%x) kwargs(a = %x, "not an identifier" = [%y, 1 : i64], true = #aten.complex<"1.0", "-inf">, memory_format = #aten.memory_format<"channels_last">) : (tensor<2xf32>, tensor<2xf32>, tensor<2x!aten.element<"float8_e4m3fn">>) -> ()
