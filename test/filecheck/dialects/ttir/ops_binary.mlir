// RUN: tt-opt %s | filecheck %s

// Functions of several elements, whose operands broadcast.

func.func @arithmetic(%x : tensor<2x32xbf16>, %y : tensor<32xbf16>) {
  %add = "ttir.add"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %div = "ttir.div"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %maximum = "ttir.maximum"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %minimum = "ttir.minimum"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %multiply = "ttir.multiply"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %pow = "ttir.pow"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %remainder = "ttir.remainder"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  %subtract = "ttir.subtract"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
  func.return
}
// CHECK-LABEL: func.func @arithmetic(%x: tensor<2x32xbf16>, %y: tensor<32xbf16>) {
// CHECK-NEXT:    %add = "ttir.add"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %div = "ttir.div"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %maximum = "ttir.maximum"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %minimum = "ttir.minimum"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %multiply = "ttir.multiply"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %pow = "ttir.pow"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %remainder = "ttir.remainder"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    %subtract = "ttir.subtract"(%x, %y) : (tensor<2x32xbf16>, tensor<32xbf16>) -> tensor<2x32xbf16>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @conditions(%x : tensor<2x1xf32>, %y : tensor<1x32xf32>) {
  %eq = "ttir.eq"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %ge = "ttir.ge"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %gt = "ttir.gt"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %le = "ttir.le"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %lt = "ttir.lt"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %ne = "ttir.ne"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %logical_and = "ttir.logical_and"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %logical_or = "ttir.logical_or"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  %logical_xor = "ttir.logical_xor"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
  func.return
}
// CHECK-LABEL: func.func @conditions(%x: tensor<2x1xf32>, %y: tensor<1x32xf32>) {
// CHECK-NEXT:    %eq = "ttir.eq"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %ge = "ttir.ge"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %gt = "ttir.gt"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %le = "ttir.le"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %lt = "ttir.lt"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %ne = "ttir.ne"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %logical_and = "ttir.logical_and"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %logical_or = "ttir.logical_or"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    %logical_xor = "ttir.logical_xor"(%x, %y) : (tensor<2x1xf32>, tensor<1x32xf32>) -> tensor<2x32xi1>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @bits(%x : tensor<4xi32>) {
  %bitwise_and = "ttir.bitwise_and"(%x, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %bitwise_or = "ttir.bitwise_or"(%x, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  func.return
}
// CHECK-LABEL: func.func @bits(%x: tensor<4xi32>) {
// CHECK-NEXT:    %bitwise_and = "ttir.bitwise_and"(%x, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
// CHECK-NEXT:    %bitwise_or = "ttir.bitwise_or"(%x, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @selection(%c : tensor<1xi1>, %x : tensor<4x4xf32>, %y : tensor<4x1xf32>) {
  %w = "ttir.where"(%c, %x, %y) : (tensor<1xi1>, tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  func.return
}
// CHECK-LABEL: func.func @selection(%c: tensor<1xi1>, %x: tensor<4x4xf32>, %y: tensor<4x1xf32>) {
// CHECK-NEXT:    %w = "ttir.where"(%c, %x, %y) : (tensor<1xi1>, tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
